import assert from "node:assert/strict";
import { volumeProblems } from "../../components/validation/volumeLimits";
import type { PlainVolume } from "../../components/validation/volumeLimits";

const accepted: PlainVolume[] = [
    { type: "gp3", sizeGiB: 1 },
    { type: "gp3", sizeGiB: 65536, iops: 80000, throughputMiBps: 2000 },
    { type: "gp3", sizeGiB: 1, iops: 3000, throughputMiBps: 125 },
    { type: "gp3", sizeGiB: 10, iops: 5000, throughputMiBps: 1250 },
    { type: "gp3", sizeGiB: 10, throughputMiBps: 750 },
    { type: "gp2", sizeGiB: 1 },
    { type: "gp2", sizeGiB: 16384 },
    { type: "io1", sizeGiB: 4, iops: 100 },
    { type: "io1", sizeGiB: 16384, iops: 64000 },
    { type: "io1", sizeGiB: 10, iops: 500 },
    { type: "io2", sizeGiB: 4, iops: 4000 },
    { type: "io2", sizeGiB: 65536, iops: 256000 },
    { type: "st1", sizeGiB: 125 },
    { type: "sc1", sizeGiB: 16384 },
    { type: "standard", sizeGiB: 1 },
    { type: "standard", sizeGiB: 1024 },
    { type: "gp3" },
];

const refused: [PlainVolume, string][] = [
    [{ type: "gp3", sizeGiB: 0 }, "sizeGiB must be between 1 and 65536 for type gp3"],
    [{ type: "gp3", sizeGiB: 65537 }, "sizeGiB must be between 1 and 65536 for type gp3"],
    [{ type: "gp3", sizeGiB: 1.5 }, "sizeGiB must be between 1 and 65536 for type gp3, a whole number"],
    [{ type: "gp3", sizeGiB: NaN }, "sizeGiB must be between 1 and 65536 for type gp3, a whole number"],
    [{ type: "gp2", sizeGiB: 16385 }, "sizeGiB must be between 1 and 16384 for type gp2"],
    [{ type: "io1", sizeGiB: 3, iops: 100 }, "sizeGiB must be between 4 and 16384 for type io1"],
    [{ type: "io2", sizeGiB: 3, iops: 100 }, "sizeGiB must be between 4 and 65536 for type io2"],
    [{ type: "st1", sizeGiB: 124 }, "sizeGiB must be between 125 and 16384 for type st1"],
    [{ type: "sc1", sizeGiB: 16385 }, "sizeGiB must be between 125 and 16384 for type sc1"],
    [{ type: "standard", sizeGiB: 1025 }, "sizeGiB must be between 1 and 1024 for type standard"],
    [{ type: "gp2", sizeGiB: 0 }, "sizeGiB must be between 1 and 16384 for type gp2"],
    [{ type: "io1", sizeGiB: 16385, iops: 100 }, "sizeGiB must be between 4 and 16384 for type io1"],
    [{ type: "io2", sizeGiB: 65537, iops: 100 }, "sizeGiB must be between 4 and 65536 for type io2"],
    [{ type: "st1", sizeGiB: 16385 }, "sizeGiB must be between 125 and 16384 for type st1"],
    [{ type: "sc1", sizeGiB: 124 }, "sizeGiB must be between 125 and 16384 for type sc1"],
    [{ type: "standard", sizeGiB: 0 }, "sizeGiB must be between 1 and 1024 for type standard"],
    [{ type: "io1", sizeGiB: 16384, iops: 64001 }, "iops must be between 100 and 64000 for type io1"],
    [{ type: "io2", sizeGiB: 10 }, "iops must be between 100 and 256000 for type io2"],
    [{ type: "io2", sizeGiB: 10, iops: 99 }, "iops must be between 100 and 256000 for type io2"],
    [{ type: "io2", sizeGiB: 65536, iops: 256001 }, "iops must be between 100 and 256000 for type io2"],
    [{ type: "sc1", sizeGiB: 125, iops: 100 }, "iops must be left out for type sc1"],
    [{ type: "standard", sizeGiB: 10, iops: 100 }, "iops must be left out for type standard"],
    [
        { type: "io1", sizeGiB: 10, iops: 100, throughputMiBps: 125 },
        "throughputMiBps must be left out for type io1",
    ],
    [{ type: "st1", sizeGiB: 125, throughputMiBps: 125 }, "throughputMiBps must be left out for type st1"],
    [
        { type: "gp3", sizeGiB: 10, multiAttachEnabled: true },
        "multiAttachEnabled must be left out for type gp3",
    ],
    [{ type: "gp9", sizeGiB: 0 }, "sizeGiB must be between 1 and 65536"],
    [{ type: "gp3", sizeGiB: 10, iops: 2999 }, "iops must be between 3000 and 80000 for type gp3"],
    [{ type: "gp3", sizeGiB: 65536, iops: 80001 }, "iops must be between 3000 and 80000 for type gp3"],
    [{ type: "gp3", sizeGiB: 7, iops: 3501 }, "iops must be at most 3500, 500 for each GiB, for type gp3"],
    [{ type: "gp2", sizeGiB: 10, iops: 3000 }, "iops must be left out for type gp2"],
    [{ type: "io1", sizeGiB: 10 }, "iops must be between 100 and 64000 for type io1"],
    [{ type: "io1", sizeGiB: 10, iops: 99 }, "iops must be between 100 and 64000 for type io1"],
    [{ type: "io1", sizeGiB: 10, iops: 501 }, "iops must be at most 500, 50 for each GiB, for type io1"],
    [
        { type: "io2", sizeGiB: 10, iops: 10001 },
        "iops must be at most 10000, 1000 for each GiB, for type io2",
    ],
    [{ type: "st1", sizeGiB: 125, iops: 100 }, "iops must be left out for type st1"],
    [
        { type: "gp3", sizeGiB: 10, throughputMiBps: 124 },
        "throughputMiBps must be between 125 and 2000 for type gp3",
    ],
    [
        { type: "gp3", sizeGiB: 99, iops: 9000, throughputMiBps: 2001 },
        "throughputMiBps must be between 125 and 2000 for type gp3",
    ],
    [
        { type: "gp3", sizeGiB: 10, throughputMiBps: 751 },
        "throughputMiBps must be at most 750, 0.25 for each of the IOPS, for type gp3",
    ],
    [{ type: "gp2", sizeGiB: 10, throughputMiBps: 125 }, "throughputMiBps must be left out for type gp2"],
];

describe("limits of volume types", () => {
    accepted.forEach((volume) =>
        it(`accept ${JSON.stringify(volume)}`, () => {
            assert.deepEqual(volumeProblems(volume), []);
        }),
    );

    refused.forEach(([volume, expected]) =>
        it(`reject ${JSON.stringify(volume)}`, () => {
            const problems = volumeProblems(volume).map(({ setting, rule }) => `${setting} ${rule}`);
            assert.deepEqual(problems, [expected]);
        }),
    );

    it("are reported all at once", () => {
        const problems = volumeProblems({ type: "gp2", sizeGiB: 0, iops: 1, throughputMiBps: 1 });
        assert.deepEqual(
            problems.map(({ setting }) => setting),
            ["sizeGiB", "iops", "throughputMiBps"],
        );
    });
});

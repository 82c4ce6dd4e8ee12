import assert from "node:assert/strict";
import { RunError } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../../components";
import { make, refusal, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";
import type { RunOptions } from "../support/mocks/mocks";

const zones = "aws:index/getAvailabilityZones:getAvailabilityZones";
const instances = "aws:ec2/getInstances:getInstances";
const volume = "aws:ebs/getVolume:getVolume";
const volumes = "aws:ebs/getEbsVolumes:getEbsVolumes";

/** The unit tests of those who import the component. */
describe("a consumer's mocks", () => {
    const region = "id is required and must be the name of the region";
    const names = "names is required and must be the names of the region's zones";
    const nodes = "ids is required and must be the ids of the instances that pass the filters";
    const found = "ids is required and must be the ids of the volumes that pass the filters";
    const [zone, size, tags] = [
        "availabilityZone is required and must be the name of its zone",
        "size is required and must be its size in GiB",
        "tags is required and must be a map of its tags",
    ] as const;
    const nothing = "`call` throws an error or returns nothing";
    const tooLittle = "add it to what `call` returns";

    const incomplete: [string, RunOptions["answers"], string, string[]][] = [
        [zones, { [zones]: {} }, "no zones", [region, names, tooLittle]],
        [zones, { [zones]: undefined }, "an error for the zones", [region, names, nothing]],
        [zones, { [zones]: { id: "eu-west-1" } }, "no names of zones", [names, tooLittle]],
        [zones, { [zones]: { names: ["eu-west-1a"] } }, "no region", [region, tooLittle]],
        [instances, { [instances]: {} }, "no instances", [nodes, tooLittle]],
        [instances, { [instances]: undefined }, "an error for the instances", [nodes, nothing]],
        [volume, { [volume]: { volumeId: "vol-1" } }, "half a volume", [zone, size, tags, tooLittle]],
        [volumes, { [volumes]: {} }, "no ids of attached volumes", [found, tooLittle]],
    ];
    const overrides: ZonalPersistentStorageArgs["overrides"] = { "1": { volumeId: "vol-1" } };
    const account = {
        ...world,
        volumes: { "vol-1": { availabilityZone: "eu-west-1b", size: 10, snapshotId: "", tags: {} } },
    };
    incomplete.forEach(([token, answers, what, expected]) =>
        it(`are told which field of which call is missing: ${what}`, async () => {
            const { error } = await recordFailure(() => make({ overrides }), account, { answers });
            const lines = [
                ...expected.slice(0, -1),
                `${expected.at(-1)}: docs/consumers.md has mocks to copy`,
            ];
            assert.equal(
                error.message,
                refusal([
                    `the mock of ${token} doesn't return what the component needs:`,
                    ...lines.map((line) => `  - ${line}`),
                ]),
            );
            assert.ok(RunError.isInstance(error));
        }),
    );

    it("are told that a volume has no id, for which a test would wait for ever", async () => {
        const { error } = await recordFailure(make, world, { withoutId: volumeType });
        assert.match(
            error.message,
            /^the mock of aws:ebs\/volume:Volume doesn't .*\n {2}- id is required and must be the id of volume jenkins-\d\n/,
        );
    });

    it("may leave out what no output needs, and ids in a preview", async () => {
        const answers = { [zones]: { id: "eu-west-1", names: ["eu-west-1b"] } };
        const { result } = await record(make, world, {
            answers,
            withoutId: "kubernetes:core/v1:PersistentVolume",
        });
        assert.deepEqual(result?.zones, ["eu-west-1b"]);
        await record(make, world, { preview: true });
    });
});

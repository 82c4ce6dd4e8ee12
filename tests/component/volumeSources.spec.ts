import assert from "node:assert/strict";
import type { VolumeSourceArgs, ZonalPersistentStorageArgs } from "../../components";
import { ZonalPersistentStorage } from "../../components";
import type { StackState } from "../../components/engine/stackState";
import { recordedState, recordedStorage } from "../support/fixtures/recordedState";
import { cluster, volumeType, world as nodes } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";
import type { World } from "../support/mocks/mocks";

const copyType = "aws:ebs/snapshotCopy:SnapshotCopy";
const begun = (hour: string, volumeSize = 1) => ({
    startTime: `2026-11-26T${hour}:00:00Z`,
    volumeId: "vol-former",
    volumeSize,
});
const world: World = {
    ...nodes,
    madeFor: {
        "web-0": ["snap-03", "snap-02", "snap-01"],
        "web-1": ["snap-11"],
        "data-2": ["vol-2", "vol-22"],
    },
    snapshotDetails: {
        "snap-01": begun("01"),
        "snap-02": begun("02"),
        "snap-03": begun("03"),
        "snap-11": begun("01", 20),
    },
};

describe("volumes that start from another storage's snapshots", () => {
    const from = { cluster: "other.k8s.local", storage: "web" };
    const make =
        (
            different: Partial<VolumeSourceArgs> = {},
            count = 1,
            region?: string,
            more: Partial<ZonalPersistentStorageArgs> = {},
        ) =>
        () => {
            const volume = { sizeGiB: 10, from: { ...from, ...different } };
            new ZonalPersistentStorage("data", { clusterName: cluster, count, volume, region, ...more });
            return {};
        };
    const sourceOf = async (different: Partial<VolumeSourceArgs>, state?: StackState) => {
        const { of } = await record(make(different), world, { state });
        return of(volumeType)["data-0"]?.inputs["snapshotId"];
    };
    const disk = recordedState([["volume", "data-0", "vol-0"]]);
    const copied = { ...disk, ...recordedState([["snapshotCopy", "data-0", "snap-copy"]]) };

    it("take the newest one, or the newest one that was begun before a time", async () => {
        assert.equal(await sourceOf({}), "snap-03");
        assert.equal(await sourceOf({ before: "2026-11-26T03:00:00Z" }), "snap-02");
        assert.equal(await sourceOf({ before: "2026-11-26T01:00:01Z" }), "snap-01");
    });

    it("skip those of a volume that the disk had left", async () => {
        const last = { volumeId: "vol-last", createTime: "2026-11-26T01:30:00Z" };
        const { of } = await record(make(), { ...world, lastMadeFor: { "web-0": last } });
        assert.equal(of(volumeType)["data-0"]?.inputs["snapshotId"], "snap-01");
    });

    it("are refused where all are of volumes that the disk had left", async () => {
        const last = { volumeId: "vol-last", createTime: "2026-11-25T01:30:00Z" };
        const { error } = await recordFailure(make(), { ...world, lastMadeFor: { "web-0": last } });
        assert.match(
            error.message,
            /for ordinal 0: those in this region and this account, snap-03 and 2 more, are of volumes that the disk had left, and have older data than vol-last\. Take one/,
        );
    });

    it("take the newest one for a volume that is given up, which a refresh is about to forget", async () => {
        const state = recordedState([
            ["volume", "data-0", "vol-0"],
            ["persistentVolume", "data-0", "vol-0"],
        ]);
        const restored = (lostVolumeId: string) =>
            make({}, 1, undefined, { overrides: { "0": { lostVolumeId } } });
        const { of } = await record(restored("vol-0"), world, { state });
        assert.equal(of(volumeType)["data-0"]?.inputs["snapshotId"], "snap-03");
        const { calls } = await record(restored("vol-1"), world, { state });
        assert.ok(calls.every(({ token }) => !token.includes("napshot")));
    });

    it("are refused, all at once, where there is none, or a larger one", async () => {
        const { error } = await recordFailure(make({ before: "2026-11-26T01:30:00Z" }, 3), world);
        const [, , ...problems] = error.message.split("\n");
        assert.equal(problems.length, 2, error.message);
        assert.match(
            error.message,
            /sizeGiB must be at least 20, as snap-11 of PersistentVolume web-1 of cluster other\.k8s\.local has it, got 10/,
        );
        assert.match(
            error.message,
            /volume\.from must have a complete snapshot begun before 2026-11-26T01:30:00Z of PersistentVolume web-2/,
        );
    });

    it("ask nothing for volumes that exist", async () => {
        const { calls } = await record(make(), world, { state: disk });
        assert.ok(calls.every(({ token }) => !token.includes("napshot")));
    });

    it("start from copies where the snapshots are in another region", async () => {
        const { of, calls } = await record(make({ region: "eu-central-1" }, 1, "eu-west-1"), {
            ...world,
            regions: { "eu-west-1": world, "eu-central-1": world },
        });
        const copy = of(copyType)["data-0"];
        assert.deepEqual(
            [copy?.inputs["sourceSnapshotId"], copy?.inputs["sourceRegion"], copy?.inputs["region"]],
            ["snap-03", "eu-central-1", "eu-west-1"],
        );
        assert.equal(copy?.retainOnDelete, true);
        assert.equal(of(volumeType)["data-0"]?.inputs["snapshotId"], "snap-copy-data-0");
        const asked = calls.filter(({ token }) => token.includes("napshot"));
        assert.ok(asked.length > 0 && asked.every(({ inputs }) => inputs["region"] === "eu-central-1"));
    });

    it("keep the copy that they were made from", async () => {
        const { of, calls } = await record(make({ region: "eu-central-1" }), world, { state: copied });
        assert.deepEqual(Object.keys(of(copyType)), ["data-0"]);
        assert.ok(calls.every(({ token }) => !token.includes("napshot")));
    });

    it("are refused with a region of the snapshots where a volume was made without it", async () => {
        const { error } = await recordFailure(make({ region: "eu-central-1" }), world, { state: disk });
        assert.match(
            error.message,
            /volume\.from\.region must be left out where a volume was made without it: ordinal 0 has vol-0 already, got "eu-central-1"/,
        );
    });

    it("are refused with the storage's own region", async () => {
        for (const region of [undefined, "eu-west-1"]) {
            const { error } = await recordFailure(make({ region: "eu-west-1" }, 1, region), {
                ...world,
                regions: { "eu-west-1": world },
            });
            assert.match(
                error.message,
                /volume\.from\.region must be another region than that of the storage, got "eu-west-1"/,
            );
        }
    });
});

describe("volumes that EC2 has of disks that get new ones", () => {
    const warnings = async (count: number, madeFor: World["madeFor"]) => {
        const make = () => {
            new ZonalPersistentStorage("data", { clusterName: cluster, count, volume: { sizeGiB: 1 } });
            return {};
        };
        const state = recordedStorage("data", true);
        const { logs, calls } = await record(make, { ...world, madeFor }, { state });
        return { logs, asked: calls.filter(({ token }) => token.includes("getEbsVolumes")).length };
    };

    it("are named with their disk", async () => {
        const { logs } = await warnings(3, world.madeFor);
        assert.equal(logs.length, 1);
        assert.match(
            logs[0] ?? "",
            /^PersistentVolume data-2 gets a new, empty volume, and EC2 has vol-2, vol-22,/,
        );
    });

    it("are counted, with one question, where there are many", async () => {
        const madeFor = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`data-${n}`, [`vol-${n}`]]));
        const { logs, asked } = await warnings(20, madeFor);
        assert.equal(asked, 1);
        assert.equal(logs.length, 1);
        assert.match(logs[0] ?? "", /^EC2 has 20 volumes, such as vol-0 and vol-1, that were made before/);
    });
});

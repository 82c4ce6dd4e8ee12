import type { Snapshot } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { disksOf, newestSnapshot } from "../../tools/moves/disks";
import { inventoryWith, persistentVolume, state, volume, zones } from "../support/fixtures/twoDisks";

describe("disks that can be moved", () => {
    const pv = (different: object = {}) => persistentVolume("data-0", "vol-0", different);
    const inState = state({ "data-0": "vol-0" }, { "data-0": "vol-0" });
    const disk = (different: Partial<Parameters<typeof inventoryWith>[0]> = {}, attempted?: number) => {
        const inventory = inventoryWith({
            persistentVolumes: [pv()],
            volumes: [volume("vol-0", "data-0", { AvailabilityZone: zones.c })],
            state: inState,
            ...different,
        });
        const [one] = disksOf(inventory, snapshots, () => attempted);
        assert.ok(one);
        return one;
    };
    const snapshots: Snapshot[] = ["09", "11", "10"].map((hour) => ({
        SnapshotId: `snap-${hour}`,
        VolumeId: "vol-0",
        StartTime: new Date(`2026-11-26T${hour}:00:00Z`),
    }));

    it("are in the zone that EC2 says, with their snapshots, the newest first", () => {
        const one = disk();
        assert.equal(one.problem, undefined);
        assert.deepEqual(
            [one.storage, one.ordinal, one.name, one.volumeId, one.zone, one.moves],
            ["data", 0, "data-0", "vol-0", zones.c, 0],
        );
        assert.equal(newestSnapshot(one)?.id, "snap-11");
        assert.deepEqual(
            one.snapshots.map(({ id }) => id),
            ["snap-11", "snap-10", "snap-09"],
        );
    });

    it("have the snapshots of the volumes that they were moved from, after their own", () => {
        const moved = disk({
            persistentVolumes: [persistentVolume("data-0", "vol-1")],
            volumes: [volume("vol-0", "data-0"), volume("vol-1", "data-0")],
            state: state({ "data-0": "vol-0", "data-0-moved-1": "vol-1" }, { "data-0": "vol-1" }),
        });
        assert.equal(moved.moves, 1);
        assert.equal(newestSnapshot(moved), undefined);
        assert.equal(moved.snapshots[0]?.id, "snap-11");
    });

    const problems: Record<string, [Parameters<typeof disk>, RegExp]> = {
        "the cluster doesn't have": [[{ persistentVolumes: [] }], /there is no PersistentVolume data-0/],
        "the cluster has on another volume": [
            [{ persistentVolumes: [persistentVolume("data-0", "vol-9")] }],
            /the cluster has it on vol-9, the stack's state on vol-0/,
        ],
        "go with their claims": [
            [
                {
                    persistentVolumes: [
                        pv({ spec: { ...pv().spec, persistentVolumeReclaimPolicy: "Delete" } }),
                    ],
                },
            ],
            /its reclaim policy is Delete, so that the volume would go with its claim/,
        ],
        "EC2 doesn't have": [[{ volumes: [] }], /its volume vol-0 isn't in EC2/],
        "are half moved": [[{}, 1], /its settings have 1 moves, of which 0 were made/],
    };
    Object.entries(problems).forEach(([what, [args, expected]]) =>
        it(`aren't those that ${what}`, () => {
            assert.match(disk(...args).problem ?? "", expected);
        }),
    );
});

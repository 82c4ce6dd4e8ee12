import type { Snapshot } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { plannedSnapshot } from "../../tools/engine/preview";
import { leftSnapshots } from "../../tools/recover/leftSnapshots";
import { tags } from "../support/fixtures/interruptedUpdate";

describe("unrecorded snapshots of an interrupted update", () => {
    const since = new Date("2026-11-24T10:00:00Z");
    const asTags = (some: Record<string, string>) =>
        Object.entries(some).map(([Key, Value]) => ({ Key, Value }));
    const own = tags(0);
    const snapshot = (different: Partial<Snapshot> = {}): Snapshot => ({
        SnapshotId: "snap-1",
        VolumeId: "vol-1",
        Description: "",
        StartTime: new Date("2026-11-24T11:00:00Z"),
        Tags: asTags(own),
        ...different,
    });
    const urn = "urn:pulumi:dev::shop::aws:ebs/snapshot:Snapshot::data-0-moved-1";
    const planned = (inputs: object) =>
        plannedSnapshot({
            urn,
            type: `aws:ebs/${"sourceSnapshotId" in inputs ? "snapshotCopy:SnapshotCopy" : "snapshot:Snapshot"}`,
            inputs: { tags: own, ...inputs },
        });
    const found = (
        snapshots: readonly Snapshot[],
        inputs: object = { volumeId: "vol-1" },
        used: readonly string[] = [],
    ) =>
        leftSnapshots({
            interrupted: [planned(inputs)],
            snapshots,
            used: new Set(used),
            since,
            region: "eu-west-1",
        });

    it("are named with the resource that they were begun for", () => {
        const left = { snapshotId: "snap-1", name: "data-0-moved-1", region: "eu-west-1" };
        assert.deepEqual(found([snapshot()]), [left]);
        const again = "taken again, in place of snap-0";
        const inputs = { volumeId: "vol-1", description: again };
        assert.deepEqual(found([snapshot({ Description: again })], inputs), [left]);
    });

    const others: readonly [string, Partial<Snapshot>][] = [
        ["another volume's", { VolumeId: "vol-2" }],
        ["older than the last update", { StartTime: new Date("2026-11-24T09:00:00Z") }],
        ["another disk's", { Tags: asTags({ ...own, "kubernetes.io/created-for/pv/name": "data-1" }) }],
        ["another cluster's", { Tags: asTags({ ...own, KubernetesCluster: "other" }) }],
        ["taken by hand", { Tags: [] }],
        ["a backup's", { Tags: asTags({ ...own, "aws:dlm:lifecycle-policy-id": "policy-1" }) }],
        ["somebody's who wrote what for", { Description: "before the upgrade" }],
    ];
    for (const [what, different] of others) {
        it(`are not ${what}`, () => assert.deepEqual(found([snapshot(different)]), []));
    }

    it("are not those in the state", () => {
        assert.deepEqual(found([snapshot()], { volumeId: "vol-1" }, ["snap-1"]), []);
    });

    it("are none of a volume whose id is a secret", () => {
        const secret = {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            ciphertext: "v1:x",
        };
        assert.deepEqual(found([snapshot()], { volumeId: secret }), []);
    });

    it("may be copies, which don't have their volume's id", () => {
        const copy = snapshot({ VolumeId: "vol-ffffffff", Description: "[Copied snap-0 from eu-central-1]" });
        assert.equal(found([copy], { sourceSnapshotId: "snap-0", sourceRegion: "eu-central-1" }).length, 1);
        assert.deepEqual(found([copy]), []);
    });
});

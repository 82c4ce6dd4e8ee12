import assert from "node:assert/strict";
import type { PersistentVolumeArgs, ZonalPersistentStorageArgs } from "../../components";
import { madeAgainWarnings } from "../../components/history/madeAgain";
import { disksOf } from "../../components/plan/disks";

/** Warnings for a storage of two disks, which the state has as the PersistentVolume says. */
function warnings(
    persistentVolume: PersistentVolumeArgs,
    recorded: { csiDriver?: string; hasAutoModeLabel?: boolean },
    different: Partial<ZonalPersistentStorageArgs> = {},
): string[] {
    const args = { clusterName: "shop", count: 2, volume: { sizeGiB: 1 }, persistentVolume, ...different };
    const disk = {
        persistentVolume: { urn: "", name: "data-0", volumeId: "vol-0", ...recorded },
        volumes: new Map(),
        snapshots: new Map(),
    };
    return madeAgainWarnings(args, disksOf("data", args), new Map([[0, disk]]));
}

describe("PersistentVolumes that are made again", () => {
    const autoMode = { csiDriver: "ebs.csi.eks.amazonaws.com" } as const;
    const now = { ...autoMode, hasAutoModeLabel: false };
    const earlier = { ...autoMode, hasAutoModeLabel: true };
    const zoneLabel = "topology.kubernetes.io/zone";

    it("are named, with what to do first, when the driver changes", () => {
        const [text = "", ...others] = warnings({}, now);
        assert.deepEqual(others, []);
        assert.match(text, /for driver ebs\.csi\.aws\.com: data-0\. Their volumes stay/);
        assert.match(text, /First end the pods that use them and delete their claims:/);
    });

    it("leave claims of the stack to the update", () => {
        const claims = { names: ["a", "b"], create: true };
        assert.match(String(warnings({}, now, { claims })), /First end the pods that use them:/);
    });

    it("are named when another label is given, and only then", () => {
        assert.equal(warnings({ ...autoMode, zoneLabel }, earlier).length, 1);
        assert.deepEqual(warnings(autoMode, earlier), []);
        assert.deepEqual(warnings({ ...autoMode, zoneLabel }, now), []);
    });

    it("aren't named if they stay, are others' or the state doesn't say their driver", () => {
        assert.deepEqual(warnings(autoMode, now), []);
        assert.deepEqual(warnings(autoMode, {}), []);
        const overrides = { "0": { volumeId: "vol-0", persistentVolumeName: "pvc-1" } };
        assert.deepEqual(warnings({}, now, { overrides }), []);
    });
});

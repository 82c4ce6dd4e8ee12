import assert from "node:assert/strict";
import { make, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";

describe("access mode ReadWriteMany", () => {
    const shared = {
        volume: { sizeGiB: 10, type: "io2" as const, iops: 100, multiAttachEnabled: true },
        persistentVolume: { volumeMode: "Block", accessModes: ["ReadWriteMany"] },
    };

    it("rejects an existing volume without Multi-Attach", async () => {
        const volumes = { "vol-0a": { availabilityZone: "eu-west-1b", size: 10, tags: {} } };
        const { error } = await recordFailure(
            () => make({ ...shared, overrides: { "1": { volumeId: "vol-0a" } } }),
            { ...world, volumes },
        );
        assert.match(
            error.message,
            /overrides\.1\.volumeId must be a volume with Multi-Attach for access mode ReadWriteMany, got "vol-0a"/,
        );
    });

    it("makes volumes with Multi-Attach, and PersistentVolumes with that access mode", async () => {
        const { of } = await record(() => make(shared), world);
        const { inputs, ignoreChanges } = of(volumeType)["jenkins-1"]!;
        assert.equal(inputs["multiAttachEnabled"], true);
        assert.ok(ignoreChanges.includes("multiAttachEnabled"), "a change would take another volume");
        const { spec } = of(persistentVolumeType)["jenkins-1"]!.inputs as {
            spec: { accessModes: string[]; volumeMode: string };
        };
        assert.deepEqual([spec.accessModes, spec.volumeMode], [["ReadWriteMany"], "Block"]);
    });
});

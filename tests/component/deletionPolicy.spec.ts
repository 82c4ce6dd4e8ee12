import assert from "node:assert/strict";
import { DeletionPolicy } from "../../components";
import { make, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";

describe("deletion policy and protection", () => {
    const policies = [
        { deletionPolicy: undefined, retainOnDelete: true, finalSnapshot: true, customTimeouts: {} },
        {
            deletionPolicy: DeletionPolicy.Retain,
            retainOnDelete: true,
            finalSnapshot: true,
            customTimeouts: {},
        },
        {
            deletionPolicy: DeletionPolicy.Snapshot,
            retainOnDelete: false,
            finalSnapshot: true,
            customTimeouts: { delete: "24h" },
        },
        {
            deletionPolicy: DeletionPolicy.Delete,
            retainOnDelete: false,
            finalSnapshot: false,
            customTimeouts: {},
        },
    ];
    policies.forEach(({ deletionPolicy, retainOnDelete, finalSnapshot, customTimeouts }) =>
        [undefined, true, false].forEach((protect) =>
            it(`decide what happens to volumes: ${String(deletionPolicy)}, protect ${String(protect)}`, async () => {
                const { of } = await record(() => make({ deletionPolicy, protect }), world);
                Object.values(of(volumeType)).forEach((volume) => {
                    assert.equal(volume.protect, protect ?? true);
                    assert.equal(volume.retainOnDelete, retainOnDelete);
                    assert.equal(volume.inputs.finalSnapshot, finalSnapshot);
                    assert.deepEqual(volume.customTimeouts, customTimeouts);
                });
                // A PersistentVolume holds no data: it may go and come back.
                Object.values(of(persistentVolumeType)).forEach((one) => {
                    assert.deepEqual([one.protect ?? false, one.retainOnDelete ?? false], [false, false]);
                });
            }),
        ),
    );
});

import assert from "node:assert/strict";
import type { ZonalPersistentStorageArgs } from "../../components";
import { classType, make, persistentVolumeType, volumeType, world } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";

/** The storage `jenkins` with this name for the PersistentVolume of ordinal 2. */
const named = (persistentVolumeName: string, different: Partial<ZonalPersistentStorageArgs> = {}) => ({
    ...different,
    overrides: { "2": { persistentVolumeName, ...different.overrides?.["2"] } },
});
const objects = async (args: Partial<ZonalPersistentStorageArgs>) => {
    const { of } = await record(() => make(args), world);
    return { volumes: of(volumeType), persistentVolumes: of(persistentVolumeType), classes: of(classType) };
};

/** All of a PersistentVolume that can't be changed, or that others go by. */
const madeByOthers = [
    "spec.accessModes",
    "spec.capacity",
    "spec.claimRef",
    "spec.csi",
    "spec.mountOptions",
    "spec.nodeAffinity",
    "spec.storageClassName",
    "spec.volumeMode",
];

describe("an adopted PersistentVolume", () => {
    it("keeps its name and what others made of it, under the disk's logical name", async () => {
        const { persistentVolumes, classes } = await objects(named("pvc-1"));
        const { inputs, ignoreChanges } = persistentVolumes["jenkins-2"]!;
        assert.deepEqual(inputs["metadata"], {
            name: "pvc-1",
            labels: { type: "ebs", "topology.kubernetes.io/zone": "eu-west-1b" },
        });
        assert.equal((inputs["spec"] as Record<string, unknown>)["persistentVolumeReclaimPolicy"], "Retain");
        assert.deepEqual([...ignoreChanges].sort(), madeByOthers);
        assert.equal(Object.keys(classes).length, 1);
        const { ignoreChanges: ofOthers } = persistentVolumes["jenkins-1"]!;
        assert.deepEqual(ofOthers, ["spec.capacity"]);
    });

    it("is named in the outputs and in its volume's tags", async () => {
        const { result, of } = await record(() => make(named("pvc-1")), world);
        assert.deepEqual(
            result?.volumes.map(({ persistentVolumeName }) => persistentVolumeName),
            ["manual-ebs-01", "pvc-1", "manual-ebs-03"],
        );
        const tags = of(volumeType)["jenkins-2"]?.inputs["tags"] as Record<string, string>;
        assert.equal(tags["kubernetes.io/created-for/pv/name"], "pvc-1");
    });

    it("is the stack's own after a move, and keeps its name", async () => {
        const moves = { overrides: { "2": { moves: [{ zone: "eu-west-1c", snapshotId: "snap-1" }] } } };
        const { persistentVolumes } = await objects(named("pvc-1", moves));
        const { inputs, ignoreChanges } = persistentVolumes["jenkins-2"]!;
        assert.equal((inputs["metadata"] as { name: string }).name, "pvc-1");
        assert.deepEqual(ignoreChanges, ["spec.capacity"]);
    });

    it("can be on a volume that the stack only uses", async () => {
        const volumes = { "vol-1": { availabilityZone: "eu-west-1b", size: 7, tags: {} } };
        const args = named("pvc-1", { overrides: { "2": { volumeId: "vol-1" } } });
        const { of } = await record(() => make(args), { ...world, volumes });
        assert.deepEqual(Object.keys(of(volumeType)), ["jenkins-1", "jenkins-3"]);
        assert.deepEqual([...of(persistentVolumeType)["jenkins-2"]!.ignoreChanges].sort(), madeByOthers);
    });

    const property = "overrides.2.persistentVolumeName";
    const mistakes: [string, Partial<ZonalPersistentStorageArgs>, string][] = [
        [
            "of the name that another ordinal's has",
            named("manual-ebs-03"),
            `${property} must not be the PersistentVolume of ordinal 3 too, got "manual-ebs-03"`,
        ],
        [
            "that another ordinal names, too",
            { overrides: { "1": { persistentVolumeName: "pvc-1" }, "2": { persistentVolumeName: "pvc-1" } } },
            `${property} must not be the PersistentVolume of ordinal 1 too, got "pvc-1"`,
        ],
        [
            "whose claim the stack is to create",
            named("pvc-1", { claims: { names: ["a", "b", "c"], create: true } }),
            `${property} can't be combined with claims.create: its claim exists, got "pvc-1"`,
        ],
        [
            "of an invalid name",
            named("PVC_1"),
            `${property} must consist of lower case letters, digits, hyphens and dots, at most 253, got "PVC_1"`,
        ],
        [
            "of an ordinal that isn't the storage's",
            { overrides: { "9": { persistentVolumeName: "pvc-1" } } },
            "overrides.9 must belong to an ordinal of this storage, 1 to 3, got",
        ],
    ];
    mistakes.forEach(([what, args, line]) =>
        it(`is refused when it is one ${what}`, async () => {
            const { error, registrations } = await recordFailure(() => make(args), world);
            assert.ok(error.message.includes(`\n  - ${line}`), error.message);
            assert.equal(error.message.split("\n").length, 2, error.message);
            assert.deepEqual(
                registrations.filter(({ custom }) => custom),
                [],
            );
        }),
    );

    it("can have the name that its ordinal has anyway", async () => {
        const { persistentVolumes } = await objects(named("manual-ebs-02"));
        assert.deepEqual([...persistentVolumes["jenkins-2"]!.ignoreChanges].sort(), madeByOthers);
    });
});

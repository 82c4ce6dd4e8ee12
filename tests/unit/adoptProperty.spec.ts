import type { Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { disksOf } from "../../components/plan/disks";
import { isReservedTag } from "../../components/plan/tags";
import { gp3Baseline, volumeLimits } from "../../components/validation/volumeLimits";
import { tagsOf } from "../../tools/inspect/tags";
import { diskOfOthers, plan, readBack } from "../support/fixtures/disksToAdopt";
import type { DiskOfOthers } from "../support/fixtures/disksToAdopt";
import { fc } from "../support/chance";

const owners = [
    { namespace: "default", name: "web", templates: ["www", "logs"] },
    { namespace: "shop", name: "web", templates: ["www"] },
];

const size = (type: keyof typeof volumeLimits, max = 2000) =>
    fc.integer({ min: volumeLimits[type].sizeGiB.min, max });

/** Volumes that EC2 can have, as it describes them. */
const volumes: fc.Arbitrary<Volume> = fc
    .tuple(
        fc.oneof(
            size("gp3").chain((Size) =>
                fc
                    .integer({ min: 3000, max: Math.min(16000, Math.max(3000, Size * 500)) })
                    .chain((Iops) =>
                        fc
                            .constantFrom(125, 250, Math.min(1000, Math.floor(Iops / 4)))
                            .map((Throughput) => ({ VolumeType: "gp3" as const, Size, Iops, Throughput })),
                    ),
            ),
            size("gp3").map((Size) => ({ VolumeType: "gp3" as const, Size, Iops: 3000, Throughput: 125 })),
            size("gp2").map((Size) => ({
                VolumeType: "gp2" as const,
                Size,
                Iops: Math.min(16000, Math.max(100, Size * 3)),
            })),
            fc.constantFrom("io1" as const, "io2" as const).chain((VolumeType) =>
                size(VolumeType).chain((Size) =>
                    fc
                        .tuple(fc.integer({ min: 100, max: Math.min(64_000, Size * 50) }), fc.boolean())
                        .map(([Iops, MultiAttachEnabled]) => ({
                            VolumeType,
                            Size,
                            Iops,
                            MultiAttachEnabled,
                        })),
                ),
            ),
            fc
                .constantFrom("st1" as const, "sc1" as const)
                .chain((VolumeType) => size(VolumeType).map((Size) => ({ VolumeType, Size }))),
            size("standard", 1024).map((Size) => ({ VolumeType: "standard" as const, Size })),
        ),
        fc.boolean(),
    )
    .map(([volume, Encrypted]) => ({ ...volume, Encrypted }));

const claims = fc.oneof(
    fc.constant(null),
    fc.record({
        namespace: fc.constantFrom("default", "shop"),
        name: fc.oneof(
            fc
                .tuple(fc.constantFrom("www", "logs"), fc.integer({ min: 0, max: 5 }))
                .map(([template, ordinal]) => `${template}-web-${ordinal}`),
            fc.constantFrom("data", "jenkins-home", "www-web-01", "www-web"),
        ),
    }),
);

const differences = fc.record({
    claim: claims,
    isReleased: fc.boolean(),
    volume: volumes,
    tags: fc.dictionary(
        fc.constantFrom("team", "Name", "CSIVolumeName", "eks:x", "aws:y", "a b"),
        fc.string(),
        {
            maxKeys: 3,
        },
    ),
    driver: fc.constantFrom("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com"),
    fsType: fc.constantFrom(undefined, "", "ext4", "ext3", "xfs", "ntfs"),
    storageClassName: fc.constantFrom("", "gp3", "manual", "a.class-of.many.dots", "Ωx"),
    volumeMode: fc.constantFrom(undefined, "Filesystem", "Block"),
    accessModes: fc.subarray(["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"], { minLength: 1 }),
    isForOnePod: fc.boolean(),
    mountOptions: fc.constantFrom<string[] | undefined>(undefined, [], ["noatime"], ["noatime", "discard"]),
});

/** Disks of which no two have one claim. */
const mixes: fc.Arbitrary<DiskOfOthers[]> = fc
    .uniqueArray(differences, {
        maxLength: 12,
        minLength: 1,
        selector: ({ claim }) => (claim ? `${claim.namespace}/${claim.name}` : Symbol()),
    })
    .map((all) =>
        all.map((one, index) =>
            diskOfOthers(`disk-${index}`, {
                claim: one.claim,
                phase: one.claim && one.isReleased ? "Released" : undefined,
                volume: one.volume,
                tags: one.tags,
                csi: { driver: one.driver, fsType: one.fsType },
                spec: {
                    storageClassName: one.storageClassName === "Ωx" ? undefined : one.storageClassName,
                    volumeMode: one.volumeMode,
                    accessModes: one.isForOnePod ? ["ReadWriteOncePod"] : one.accessModes,
                    mountOptions: one.mountOptions,
                },
            }),
        ),
    );

/** The settings of a volume that EC2 has, in the library's names and with its defaults. */
function settingsInEc2({ persistentVolume, volume }: DiskOfOthers) {
    const { Size, VolumeType, Iops, Throughput, Encrypted, MultiAttachEnabled = false } = volume;
    const isBlock = persistentVolume.spec?.volumeMode === "Block";
    return {
        sizeGiB: Size,
        type: VolumeType,
        iops: VolumeType === "gp3" || VolumeType?.startsWith("io") ? Iops : undefined,
        throughputMiBps: VolumeType === "gp3" ? Throughput : undefined,
        encrypted: Encrypted,
        multiAttachEnabled: isBlock && MultiAttachEnabled,
        tags: Object.fromEntries(
            Object.entries(tagsOf(volume)).filter(([key]) => key !== "Name" && !isReservedTag(key)),
        ),
    };
}

describe("storages for any disks", () => {
    [false, true].forEach((usesOnly) =>
        it(`have each disk once, as EC2 has it${usesOnly ? ", if they only use it" : ""}`, () => {
            fc.assert(
                fc.property(mixes, fc.subarray(["gp3", "manual", "disks"]), (disks, classes) => {
                    const storages = readBack(plan(disks, { owners, classes, usesOnly }));
                    const planned = storages.flatMap(({ name, args }) => disksOf(name, args));
                    const names = planned.map(({ persistentVolumeName }) => persistentVolumeName).sort();
                    assert.deepEqual(names, disks.map((one) => one.persistentVolume.metadata?.name).sort());
                    for (const disk of disks) {
                        const { name } = disk.persistentVolume.metadata!;
                        const { current, tags, isAdopted, volumeId, claimName } = planned.find(
                            (one) => one.persistentVolumeName === name,
                        )!;
                        const { settings } = current;
                        assert.ok(isAdopted);
                        assert.equal(claimName, disk.persistentVolume.spec?.claimRef?.name);
                        assert.equal(volumeId, usesOnly ? disk.volume.VolumeId : undefined);
                        if (!usesOnly) {
                            const { sizeGiB, type, encrypted, multiAttachEnabled = false } = settings;
                            const { iops, throughputMiBps } = {
                                ...(type === "gp3" && gp3Baseline),
                                ...settings,
                            };
                            const [, own = {}] = tags;
                            const has = {
                                sizeGiB,
                                type,
                                iops,
                                throughputMiBps,
                                encrypted,
                                multiAttachEnabled,
                            };
                            assert.deepEqual({ ...has, tags: own }, settingsInEc2(disk));
                        }
                    }
                }),
                { numRuns: 200 },
            );
        }),
    );
});

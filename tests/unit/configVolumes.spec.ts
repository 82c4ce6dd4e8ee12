import { backupTo, cluster, jenkins, key, rejectsConfig, storage, volume } from "../support/fixtures/config";

const manyTags = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, one) => [`${prefix}${one}`, ""]));

describe("config of volumes", () => {
    rejectsConfig([
        [
            "a size of 0",
            volume({ sizeGiB: 0 }),
            ["storages.jenkins.volume.sizeGiB must be between 1 and 65536 for type gp3, got 0"],
        ],
        [
            "a size of 1.5",
            volume({ sizeGiB: 1.5 }),
            [
                "storages.jenkins.volume.sizeGiB must be between 1 and 65536 for type gp3, a whole number, got 1.5",
            ],
        ],
        [
            "a size as text",
            volume({ sizeGiB: "10" }),
            ['storages.jenkins.volume.sizeGiB must be a number, got "10"'],
        ],
        [
            "no size",
            storage({ volume: {} }),
            ["storages.jenkins.volume.sizeGiB is required and must be a number"],
        ],
        [
            "no volume",
            { cluster, storages: { jenkins: { count: 1 } } },
            ["storages.jenkins.volume is required and must be a map of settings"],
        ],
        [
            'type "gp9"',
            volume({ type: "gp9" }),
            ['storages.jenkins.volume.type must be one of gp3, gp2, io1, io2, st1, sc1, standard, got "gp9"'],
        ],
        [
            "io1 without IOPS",
            volume({ type: "io1" }),
            ["storages.jenkins.volume.iops is required and must be between 100 and 64000 for type io1"],
        ],
        [
            "an override whose type doesn't fit the size",
            storage({ overrides: { "1": { type: "st1" } } }),
            ["storages.jenkins.overrides.1.sizeGiB must be between 125 and 16384 for type st1, got 10"],
        ],
        [
            "a type that the cluster manages without what follows it",
            storage({ managedByCluster: ["type", "iops"] }),
            [
                "storages.jenkins.managedByCluster must have iops and throughput beside type, they follow it, got " +
                    '["type","iops"]',
            ],
        ],
        [
            "a setting that no cluster manages",
            storage({ managedByCluster: ["encrypted"] }),
            [
                "storages.jenkins.managedByCluster.0 must be one of size, type, iops, throughput, got " +
                    '"encrypted"',
            ],
        ],
        [
            "a move that takes the encryption away",
            storage({ overrides: { "1": { moves: [{ encrypted: false }] } } }),
            [
                "storages.jenkins.overrides.1.moves.0.encrypted must be true or left out, EC2 makes no unencrypted " +
                    "volume from an encrypted one's snapshot, got false",
            ],
        ],
        [
            "another storage's snapshots beside one, and a time that there isn't",
            volume({
                sizeGiB: 10,
                snapshotId: "snap-0123456789abcdef0",
                from: { cluster: "a", storage: "b", before: "2026-13-01T00:00:00Z" },
            }),
            [
                'storages.jenkins.volume.from.before must be a time in UTC such as 2026-11-27T03:00:00Z, got "2026-13-01T00:00:00Z"',
                "storages.jenkins.volume.from can't be combined with snapshotId, got " +
                    '{"cluster":"a","storage":"b"}',
            ],
        ],
        [
            "copies with another source, a last snapshot and Multi-Attach",
            storage({
                volume: {
                    sizeGiB: 10,
                    type: "io2",
                    iops: 1000,
                    from: { cluster: "a", storage: "b" },
                    copyOf: { cluster: "a", storage: "b" },
                },
                persistentVolume: { volumeMode: "Block" },
                deletionPolicy: "Snapshot",
                overrides: {
                    "0": { multiAttachEnabled: true },
                    "1": { sourceVolumeId: "vol-0123456789abcdef0", snapshotId: "snap-0123456789abcdef0" },
                },
            }),
            [
                "storages.jenkins.volume.copyOf can't be combined with from, got " +
                    '{"cluster":"a","storage":"b"}',
                "storages.jenkins.deletionPolicy must be Retain or Delete with volume.copyOf or sourceVolumeId, the AWS provider " +
                    "takes no last snapshot of a copy. Volumes that start from snapshots, as volume.from has it, can have it, " +
                    'got "Snapshot"',
                "storages.jenkins.overrides.0.multiAttachEnabled must be left out for a copy, the AWS provider makes none with " +
                    "Multi-Attach: volume.from can have it, got true",
                "storages.jenkins.overrides.1.snapshotId can't be combined with sourceVolumeId, got " +
                    '"snap-0123456789abcdef0"',
            ],
        ],
        [
            "another storage's snapshots without the storage, and a time of another form",
            volume({ sizeGiB: 10, from: { cluster: "a", before: "yesterday" } }),
            [
                "storages.jenkins.volume.from.storage is required and must consist of lower case letters, digits, hyphens and dots, at most 253",
                'storages.jenkins.volume.from.before must be a time in UTC such as 2026-11-27T03:00:00Z, got "yesterday"',
            ],
        ],
        [
            "reserved tags and labels",
            storage({
                volume: { sizeGiB: 10, tags: { KubernetesCluster: "other", team: "a" } },
                persistentVolume: { labels: { "topology.kubernetes.io/zone": "eu-west-1a" } },
            }),
            [
                'storages.jenkins.volume.tags.KubernetesCluster must be left to the component, which sets it, got "other"',
                "storages.jenkins.persistentVolume.labels.topology.kubernetes.io/zone must be left to the component, " +
                    'which sets it, got "eu-west-1a"',
            ],
        ],
        [
            "an unknown deletion policy",
            storage({ deletionPolicy: "Keep" }),
            ['storages.jenkins.deletionPolicy must be one of Retain, Snapshot, Delete, got "Keep"'],
        ],
        [
            "an initialization rate without a snapshot",
            volume({ initializationRateMiBps: 200 }),
            ["storages.jenkins.volume.initializationRateMiBps must be left out without snapshotId, got 200"],
        ],
        [
            "an initialization rate out of range",
            volume({ initializationRateMiBps: 99, snapshotId: "snap-1" }),
            [
                "storages.jenkins.volume.initializationRateMiBps must be a whole number between 100 and 300, got 99",
            ],
        ],
        [
            "an invalid id of a snapshot",
            volume({ snapshotId: "vol-1" }),
            [
                'storages.jenkins.volume.snapshotId must be a snapshot\'s id such as snap-0123456789abcdef0, got "vol-1"',
            ],
        ],
        [
            "a KMS key that isn't an ARN",
            volume({ kmsKeyId: "alias/ebs" }),
            ['storages.jenkins.volume.kmsKeyId must be the ARN of a KMS key, got "alias/ebs"'],
        ],
        [
            "a KMS key for a volume that isn't encrypted",
            volume({ encrypted: false, kmsKeyId: key }),
            [`storages.jenkins.volume.kmsKeyId must be left out where encrypted is false, got "${key}"`],
        ],
        [
            "tags that aren't texts",
            volume({ tags: { team: 7 } }),
            ["storages.jenkins.volume.tags.team must be text of at most 256 characters, got 7"],
        ],
        [
            "too many tags",
            volume({ tags: manyTags(41, "t") }),
            [
                `storages.jenkins.volume.tags must be at most 40 tags, got {"t0":"","t1":"","t2":"","t3":"","t4":"","t5":"","t6":"","t7":"","t8":"","t9"...`,
            ],
        ],
        [
            "too many tags of an override with those of the storage",
            storage({
                volume: { sizeGiB: 10, tags: manyTags(30, "a") },
                overrides: { "0": { tags: manyTags(11, "b") }, "1": { tags: manyTags(11, "a") } },
            }),
            [
                'storages.jenkins.overrides.0.tags must be at most 40 tags with those of volume, got {"b0":"","b1":"","b2":"","b3":"","b4":"","b5":"","b6":"","b7":"","b8":"","b9"...',
            ],
        ],
        [
            "more than 50 tags with the AWS provider's default ones",
            {
                cluster,
                "aws:defaultTags": { tags: { ...manyTags(10, "default"), KubernetesCluster: "x" } },
                storages: {
                    fits: { ...jenkins, volume: { sizeGiB: 1, tags: { Name: "n", ...manyTags(34, "a") } } },
                    jenkins: {
                        ...jenkins,
                        volume: { sizeGiB: 1, tags: manyTags(33, "a") },
                        backup: { ...backupTo(), tags: { b: "" } },
                        overrides: { "1": { tags: { default0: "" } } },
                    },
                },
            },
            [
                'storages.jenkins.backup.tags must leave room for aws:defaultTags: EC2 takes 50 tags, the component sets 7, got {"b":""}',
            ],
        ],
        [
            "an override of another ordinal",
            storage({ overrides: { "3": { sizeGiB: 20 } } }),
            [
                'storages.jenkins.overrides.3 must belong to an ordinal of this storage, 0 to 2, got {"sizeGiB":20}',
            ],
        ],
        [
            "a bad override",
            storage({ overrides: { "1": { sizeGiB: 0, zone: 7 } } }),
            [
                "storages.jenkins.overrides.1.zone must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got 7",
                "storages.jenkins.overrides.1.sizeGiB must be between 1 and 65536 for type gp3, got 0",
            ],
        ],
        [
            "the same limit broken by the storage and by an override of its own, and not again where it is inherited",
            storage({
                volume: { sizeGiB: 0 },
                overrides: { "0": { sizeGiB: 0 }, "1": { tags: { team: "storage" } } },
            }),
            [
                "storages.jenkins.volume.sizeGiB must be between 1 and 65536 for type gp3, got 0",
                "storages.jenkins.overrides.0.sizeGiB must be between 1 and 65536 for type gp3, got 0",
            ],
        ],
        [
            "IOPS that are missing for the storage's type, and for the same type of an override",
            storage({
                volume: { sizeGiB: 10, type: "io1" },
                overrides: { "0": { type: "io1" }, "1": { sizeGiB: 20 } },
            }),
            [
                "storages.jenkins.volume.iops is required and must be between 100 and 64000 for type io1",
                "storages.jenkins.overrides.0.iops is required and must be between 100 and 64000 for type io1",
            ],
        ],
        [
            "Multi-Attach for a type that hasn't got it, and without a block device",
            volume({ multiAttachEnabled: true }),
            [
                "storages.jenkins.volume.multiAttachEnabled must be left out for type gp3, got true",
                "storages.jenkins.volume.multiAttachEnabled must be left out without persistentVolume.volumeMode Block, got true",
            ],
        ],
        [
            "an override of ReadWriteMany's type that leaves Multi-Attach behind, or takes it away",
            storage({
                volume: { sizeGiB: 10, type: "io2", iops: 100, multiAttachEnabled: true },
                persistentVolume: { volumeMode: "Block", accessModes: ["ReadWriteMany"] },
                overrides: { "0": { type: "io1", iops: 100 }, "1": { multiAttachEnabled: false } },
            }),
            [
                "storages.jenkins.overrides.0.multiAttachEnabled is required and must be true for access mode ReadWriteMany",
                "storages.jenkins.overrides.1.multiAttachEnabled must be true for access mode ReadWriteMany, got false",
            ],
        ],
    ]);
});

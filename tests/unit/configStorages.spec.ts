import { backupTo, cluster, jenkins, rejectsConfig, storage } from "../support/fixtures/config";

const keyOf = (region: string) => `arn:aws:kms:${region}:123456789012:key/1234abcd`;

describe("config of several storages, existing volumes and backups", () => {
    rejectsConfig([
        [
            "two storages that make the same class",
            {
                cluster,
                storages: {
                    a: { ...jenkins, storageClass: { name: "shared" } },
                    b: { ...jenkins, storageClass: { name: "shared" } },
                },
            },
            [
                "storages.b must not create StorageClass shared, storages.a does: give it storageClass.create false",
            ],
        ],
        [
            "two storages that make the same PersistentVolumes",
            {
                cluster,
                storages: { a: jenkins, b: { ...jenkins, start: 2, persistentVolume: { namePrefix: "a" } } },
            },
            [
                "storages.b must not create PersistentVolume a-2, storages.a does: give it another persistentVolume.namePrefix",
            ],
        ],
        [
            "two storages that make the same dynamic class, and are for the same claims",
            {
                cluster,
                storages: {
                    a: {
                        ...jenkins,
                        dynamicStorageClass: { name: "d" },
                        claims: { statefulSet: "s", template: "t" },
                    },
                    b: {
                        ...jenkins,
                        dynamicStorageClass: { name: "d" },
                        claims: { namespace: "default", names: ["x", "t-s-1", "t-s-2"] },
                    },
                    c: { ...jenkins, claims: { namespace: "other", statefulSet: "s", template: "t" } },
                },
            },
            [
                "storages.b must not create StorageClass d, storages.a does: give it another dynamicStorageClass.name",
                "storages.b must not be for claim default/t-s-1, storages.a is: give it claims of its own",
            ],
        ],
        [
            "a storage alongside an unknown one",
            storage({ alongside: "logs" }),
            ['storages.jenkins.alongside must be another storage of the config, got "logs"'],
        ],
        [
            "aliases that are names of storages, or of two storages",
            {
                cluster,
                storages: { a: { ...jenkins, aliases: ["b", "old"] }, b: { ...jenkins, aliases: ["old"] } },
            },
            [
                'storages.a.aliases.0 must be a name that no storage has and one alone had, got "b"',
                'storages.a.aliases.1 must be a name that no storage has and one alone had, got "old"',
                'storages.b.aliases.0 must be a name that no storage has and one alone had, got "old"',
            ],
        ],
        [
            "storages alongside each other, with zones",
            {
                cluster,
                storages: {
                    a: { ...jenkins, alongside: "b" },
                    b: { ...jenkins, alongside: "a", zones: ["eu-west-1a"] },
                },
            },
            [
                'storages.a.alongside must be a storage that isn\'t alongside another one itself, got "b"',
                'storages.b.alongside must be a storage that isn\'t alongside another one itself, got "a"',
                'storages.b.zones can\'t be combined with alongside, got ["eu-west-1a"]',
            ],
        ],
        [
            "a storage alongside one that hasn't all of its ordinals",
            {
                cluster,
                storages: {
                    data: { ...jenkins, count: 2 },
                    logs: {
                        ...jenkins,
                        count: 4,
                        alongside: "data",
                        overrides: { "2": { zone: "eu-west-1b" } },
                    },
                },
            },
            ["storages.logs.overrides.3.zone must be set, or count be lower: data has no ordinal 3"],
        ],
        [
            "an invalid id of an existing volume",
            storage({ overrides: { "0": { volumeId: "i-123" } } }),
            [
                "storages.jenkins.overrides.0.volumeId must be a volume's id such as vol-0123456789abcdef0, " +
                    'got "i-123"',
            ],
        ],
        [
            "settings for an existing volume",
            storage({ overrides: { "0": { volumeId: "vol-1", sizeGiB: 20, zone: "eu-west-1a" } } }),
            [
                "storages.jenkins.overrides.0.sizeGiB can't be combined with volumeId, got 20",
                'storages.jenkins.overrides.0.zone can\'t be combined with volumeId, got "eu-west-1a"',
            ],
        ],
        [
            "an existing volume for two ordinals",
            storage({ overrides: { "0": { volumeId: "vol-1" }, "2": { volumeId: "vol-1" } } }),
            ['storages.jenkins.overrides.2.volumeId must not be the volume of ordinal 0 too, got "vol-1"'],
        ],
        [
            "copies of backups into the region itself, and twice into one",
            {
                cluster: { ...cluster, region: "eu-west-1" },
                storages: {
                    jenkins: { ...jenkins, backup: backupTo("eu-west-1", "eu-north-1", "eu-north-1") },
                    db: { ...jenkins, region: "eu-north-1", backup: backupTo("eu-west-1") },
                },
            },
            [
                'storages.jenkins.backup.copies.2.region must be a region without a copy so far, got "eu-north-1"',
                'storages.jenkins.backup.copies.0.region must be another region than that of the storage, got "eu-west-1"',
            ],
        ],
        [
            "keys of another region",
            {
                cluster: { ...cluster, region: "eu-west-1" },
                storages: { jenkins: { ...jenkins, overrides: { "1": { kmsKeyId: keyOf("us-east-1") } } } },
            },
            [
                "storages.jenkins.overrides.1.kmsKeyId must be a key of the storage's region, eu-west-1, got " +
                    `"${keyOf("us-east-1")}"`,
            ],
        ],
        [
            "reserved tags of a backup",
            storage({ backup: { ...backupTo(), tags: { KubernetesCluster: "x", Name: "y", "aws:a": "z" } } }),
            ["KubernetesCluster", "aws:a"].map(
                (tag, index) =>
                    `storages.jenkins.backup.tags.${tag} must be left to the component, which sets it, got "${["x", "z"][index]}"`,
            ),
        ],
    ]);
});

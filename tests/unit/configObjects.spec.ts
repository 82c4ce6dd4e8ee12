import { backupTo, cluster, jenkins, rejectsConfig, storage } from "../support/fixtures/config";

const keyRule =
    "must have a key of at most 63 letters, digits, hyphens, dots and underscores, after a DNS name and a slash if need be";

const long = "L".repeat(150);

describe("config of PersistentVolumes, classes and claims", () => {
    rejectsConfig([
        [
            "a bad prefix",
            storage({ persistentVolume: { namePrefix: "-x" } }),
            [
                "storages.jenkins.persistentVolume.namePrefix must consist of lower case letters, digits and hyphens, " +
                    'at most 63 with the ordinal, got "-x"',
            ],
        ],
        [
            "an empty name of a storage with a namePrefix",
            {
                cluster,
                storages: {
                    "": { ...jenkins, persistentVolume: { namePrefix: "a" }, storageClass: { name: "a" } },
                },
            },
            ['storages. must be a text of printable characters that isn\'t blank, got ""'],
        ],
        [
            "invalid names of storages with a namePrefix",
            {
                cluster,
                storages: {
                    "a\u0007": {
                        ...jenkins,
                        persistentVolume: { namePrefix: "a" },
                        storageClass: { name: "a" },
                    },
                    "B b": { ...jenkins, persistentVolume: { namePrefix: "b" } },
                    [long]: {
                        ...jenkins,
                        persistentVolume: { namePrefix: "c" },
                        storageClass: { name: "c" },
                        backup: backupTo(),
                    },
                    "Works _so far": {
                        ...jenkins,
                        persistentVolume: { namePrefix: "d" },
                        storageClass: { name: "d" },
                    },
                },
            },
            [
                'storages.a\\u0007 must be a text of printable characters that isn\'t blank, got "a\\u0007"',
                "storages.B b must consist of lower case letters, digits, hyphens and dots, at most 253 (or give storageClass.name), " +
                    'got "B b"',
                `storages.${long} must have at most 149 characters where there is a backup, got "${long.slice(0, 76)}...`,
            ],
        ],
        [
            "a bad class name",
            storage({ storageClass: { name: "Manual" } }),
            [
                "storages.jenkins.storageClass.name must consist of lower case letters, digits, hyphens and dots, at most 253, " +
                    'got "Manual"',
            ],
        ],
        [
            "a dynamic class without a name",
            storage({ dynamicStorageClass: { reclaimPolicy: "Keep" } }),
            [
                "storages.jenkins.dynamicStorageClass.name is required and must consist of lower case letters, digits, " +
                    "hyphens and dots, at most 253",
                'storages.jenkins.dynamicStorageClass.reclaimPolicy must be one of Retain, Delete, got "Keep"',
            ],
        ],
        [
            "the name of the storage's own class for the dynamic one",
            storage({ dynamicStorageClass: { name: "jenkins" } }),
            [
                'storages.jenkins.dynamicStorageClass.name must not be the name of the storage\'s own class too, got "jenkins"',
            ],
        ],
        [
            "an invalid label",
            storage({ persistentVolume: { labels: { type: "a b" } } }),
            [
                "storages.jenkins.persistentVolume.labels.type must be a label: at most 63 letters, digits, hyphens, " +
                    'dots, underscores, got "a b"',
            ],
        ],
        [
            "keys of labels and annotations that Kubernetes doesn't take",
            storage({
                persistentVolume: {
                    labels: { "a b": "x", "Example.com/a": "x", "example.com/a": "x" },
                    annotations: { "a/b/c": "x", "-": "x", "Example.com/A": "x", "": "x" },
                },
            }),
            [
                `storages.jenkins.persistentVolume.labels.a b ${keyRule}, got "x"`,
                `storages.jenkins.persistentVolume.labels.Example.com/a ${keyRule}, got "x"`,
                `storages.jenkins.persistentVolume.annotations.a/b/c ${keyRule}, got "x"`,
                `storages.jenkins.persistentVolume.annotations.- ${keyRule}, got "x"`,
                `storages.jenkins.persistentVolume.annotations. ${keyRule}, got "x"`,
            ],
        ],
        [
            "annotations of more than 256 KiB",
            storage({ persistentVolume: { annotations: { a: "ñ".repeat(128 * 1024) } } }),
            [
                `storages.jenkins.persistentVolume.annotations must be at most 256 KiB with the keys, got {"a":"${"ñ".repeat(71)}...`,
            ],
        ],
        [
            "an unknown file system",
            storage({ persistentVolume: { fsType: "ntfs" } }),
            ['storages.jenkins.persistentVolume.fsType must be one of ext4, ext3, xfs, got "ntfs"'],
        ],
        [
            "access modes that EBS doesn't have",
            storage({ persistentVolume: { accessModes: ["ReadOnlyMany"] } }),
            [
                "storages.jenkins.persistentVolume.accessModes.0 must be one of ReadWriteOnce, ReadWriteOncePod, ReadWriteMany, " +
                    'got "ReadOnlyMany"',
            ],
        ],
        [
            "two access modes",
            storage({ persistentVolume: { accessModes: ["ReadWriteOnce", "ReadWriteOncePod"] } }),
            [
                "storages.jenkins.persistentVolume.accessModes must be one access mode, ReadWriteOnce, ReadWriteOncePod or ReadWriteMany, " +
                    'got ["ReadWriteOnce","ReadWriteOncePod"]',
            ],
        ],
        [
            "a file system for a block device",
            storage({ persistentVolume: { volumeMode: "Block", fsType: "xfs", mountOptions: ["noatime"] } }),
            [
                'storages.jenkins.persistentVolume.fsType must be left out for volumeMode Block, got "xfs"',
                'storages.jenkins.persistentVolume.mountOptions must be left out for volumeMode Block, got ["noatime"]',
            ],
        ],
        [
            "a driver that isn't EBS's",
            storage({ persistentVolume: { csiDriver: "efs.csi.aws.com" } }),
            [
                "storages.jenkins.persistentVolume.csiDriver must be one of ebs.csi.aws.com, ebs.csi.eks.amazonaws.com, " +
                    'got "efs.csi.aws.com"',
            ],
        ],
        [
            "ReadWriteMany without Multi-Attach and a block device",
            storage({ persistentVolume: { accessModes: ["ReadWriteMany"] } }),
            [
                "storages.jenkins.persistentVolume.volumeMode must be Block for access mode ReadWriteMany, file systems on several " +
                    'nodes lose data, got "Filesystem"',
                "storages.jenkins.volume.multiAttachEnabled is required and must be true for access mode ReadWriteMany",
            ],
        ],
        [
            "claims without a StatefulSet and without names",
            storage({ claims: { namespace: "web" } }),
            [
                "storages.jenkins.claims.statefulSet is required and must be given, or names or pattern in its place",
                "storages.jenkins.claims.template is required and must be given, or names or pattern in its place",
            ],
        ],
        [
            "claims with a StatefulSet and names",
            storage({ claims: { statefulSet: "web", template: "www", names: ["a", "b", "c"] } }),
            [
                'storages.jenkins.claims.statefulSet can\'t be combined with names, got "web"',
                'storages.jenkins.claims.template can\'t be combined with names, got "www"',
            ],
        ],
        [
            "Auto Mode's zone label for the EBS CSI driver",
            storage({ persistentVolume: { zoneLabel: "topology.ebs.csi.eks.amazonaws.com/zone" } }),
            [
                "storages.jenkins.persistentVolume.zoneLabel must be topology.kubernetes.io/zone, or csiDriver must be " +
                    'ebs.csi.eks.amazonaws.com, got "topology.ebs.csi.eks.amazonaws.com/zone"',
            ],
        ],
        [
            "claims with a pattern and names",
            storage({ claims: { pattern: "pg-{ordinal}", names: ["a", "b", "c"] } }),
            ['storages.jenkins.claims.names can\'t be combined with pattern, got ["a","b","c"]'],
        ],
        ...["pg", "pg-{ordinal}-{ordinal}", "pg-{Ordinal}", "PG-{ordinal}", "{ordinal}-"].map(
            (pattern): [string, Record<string, unknown>, string[]] => [
                `the pattern ${pattern} for claims`,
                storage({ claims: { pattern } }),
                [
                    "storages.jenkins.claims.pattern must have {ordinal} once, and lower case letters, digits, hyphens and dots " +
                        `besides, at most 253, got "${pattern}"`,
                ],
            ],
        ),
        [
            "a pattern that is too long with the last ordinal",
            storage({ count: 11, claims: { pattern: `${"p".repeat(252)}{ordinal}` } }),
            [
                "storages.jenkins.claims.pattern must be shorter: with ordinal 10 a claim has 254 characters, at most 253 are " +
                    `allowed, got "${"p".repeat(76)}...`,
            ],
        ],
        [
            "too few names of claims",
            storage({ claims: { names: ["mi-peticion"] } }),
            ['storages.jenkins.claims.names must name 3 claims, one for each ordinal, got ["mi-peticion"]'],
        ],
        [
            "a claim named twice",
            storage({ claims: { names: ["a", "b", "a"] } }),
            ['storages.jenkins.claims.names must name each claim once, got ["a","b","a"]'],
        ],
        [
            "an invalid name of a claim",
            storage({ claims: { names: ["a", "b", "Mi Peticion"] } }),
            [
                "storages.jenkins.claims.names.2 must consist of lower case letters, digits, hyphens and dots, at most 253, " +
                    'got "Mi Peticion"',
            ],
        ],
        [
            "a namespace with a dot",
            storage({ claims: { namespace: "a.b", statefulSet: "s", template: "t" } }),
            [
                'storages.jenkins.claims.namespace must be a namespace: lower case letters, digits and hyphens, at most 63, got "a.b"',
            ],
        ],
        [
            "claims whose names are too long together",
            storage({ count: 11, claims: { statefulSet: "s".repeat(200), template: "t".repeat(60) } }),
            [
                "storages.jenkins.claims.template must be at least 11 characters shorter, or statefulSet must: claims are called " +
                    `<template>-<statefulSet>-<ordinal>, at most 253 characters, got "${"t".repeat(60)}"`,
            ],
        ],
    ]);
});

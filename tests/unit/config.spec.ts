import assert from "node:assert/strict";
import { secretPaths } from "../../components/validation/secrets";
import { readStorages } from "../../program/config";
import { configAsText } from "../../sandbox/engine/program";
import { fullStorage } from "../support/fixtures/fullStorage";

const project = "zonal-persistent-storage";

/** The program's settings as Pulumi hands them over. */
function config(settings: Record<string, unknown>): Record<string, string> {
    const own = Object.entries(settings).map(([key, value]): [string, unknown] => [
        key.includes(":") ? key : `${project}:${key}`,
        value,
    ]);
    return configAsText(Object.fromEntries(own));
}

const cluster = { name: "proyecto.k8s.local" };
const jenkins = { count: 3, volume: { sizeGiB: 10 } };

/** One storage that is right but for what is given. */
const storage = (different: Record<string, unknown>) => ({
    cluster,
    storages: { jenkins: { ...jenkins, ...different } },
});
const volume = (different: Record<string, unknown>) => storage({ volume: { sizeGiB: 10, ...different } });

const manyTags = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, one) => [`${prefix}${one}`, ""]));
const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** A key that no literal can have. */
const proto = (value: unknown) =>
    JSON.parse(JSON.stringify({ key: value }).replace("key", "__proto__")) as unknown;
const protoRule = "must be left out: it is reserved in JavaScript, got";

const keyRule =
    "must have a key of at most 63 letters, digits, hyphens, dots and underscores, after a DNS name and a slash if need be";
const backupTo = (...regions: string[]) => ({
    roleArn: "arn:aws:iam::123456789012:role/backup",
    copies: regions.map((region) => ({ region, keepDays: 1 })),
});
const long = "L".repeat(150);
const deep = "[".repeat(20_000) + "]".repeat(20_000);
const deepMessages = [
    "storages.jenkins.zones.0 must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got " +
        `${"[".repeat(77)}...`,
];

const refused: [string, Record<string, unknown>, string[]][] = [
    [
        "a size of 0",
        volume({ sizeGiB: 0 }),
        ["storages.jenkins.volume.sizeGiB must be between 1 and 65536 for type gp3, got 0"],
    ],
    [
        "maps with a key that copies of them would lose",
        storage({
            volume: { sizeGiB: 10, tags: proto({}) },
            overrides: proto({ sizeGiB: 5 }),
            zoneByOrdinal: proto("eu-west-1a"),
            persistentVolume: { labels: proto("a"), annotations: proto(1) },
        }),
        [
            `storages.jenkins.zoneByOrdinal.__proto__ ${protoRule} "eu-west-1a"`,
            `storages.jenkins.volume.tags.__proto__ ${protoRule} {}`,
            `storages.jenkins.overrides.__proto__ ${protoRule} {"sizeGiB":5}`,
            `storages.jenkins.persistentVolume.labels.__proto__ ${protoRule} "a"`,
            `storages.jenkins.persistentVolume.annotations.__proto__ ${protoRule} 1`,
        ],
    ],
    [
        "a size of 1.5",
        volume({ sizeGiB: 1.5 }),
        ["storages.jenkins.volume.sizeGiB must be between 1 and 65536 for type gp3, a whole number, got 1.5"],
    ],
    [
        "a size that is text",
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
        "count 0",
        storage({ count: 0 }),
        ["storages.jenkins.count must be a whole number between 1 and 10000, got 0"],
    ],
    [
        "count -1",
        storage({ count: -1 }),
        ["storages.jenkins.count must be a whole number between 1 and 10000, got -1"],
    ],
    [
        "count 2.5",
        storage({ count: 2.5 }),
        ["storages.jenkins.count must be a whole number between 1 and 10000, got 2.5"],
    ],
    [
        "no count",
        { cluster, storages: { jenkins: { volume: { sizeGiB: 1 } } } },
        ["storages.jenkins.count is required and must be a whole number between 1 and 10000"],
    ],
    [
        "start -1",
        storage({ start: -1 }),
        ["storages.jenkins.start must be a whole number between 0 and 89999, got -1"],
    ],
    [
        "duplicate zones",
        storage({ zones: ["eu-west-1a", "eu-west-1b", "eu-west-1a"] }),
        ['storages.jenkins.zones must name each zone once, got ["eu-west-1a","eu-west-1b","eu-west-1a"]'],
    ],
    [
        "no zones",
        storage({ zones: [] }),
        ["storages.jenkins.zones must name at least one availability zone, got []"],
    ],
    [
        "a zone that isn't one",
        storage({ zones: ["Paris"] }),
        [
            'storages.jenkins.zones.0 must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got "Paris"',
        ],
    ],
    [
        "zones that aren't a list",
        storage({ zones: "eu-west-1a" }),
        ['storages.jenkins.zones must be a list of availability zones, got "eu-west-1a"'],
    ],
    [
        "a bad name",
        { cluster, storages: { "Jenkins home": jenkins } },
        [
            "storages.Jenkins home must consist of lower case letters, digits and hyphens, at most 63 with the ordinal " +
                '(or give persistentVolume.namePrefix), got "Jenkins home"',
        ],
    ],
    [
        "a bad prefix",
        storage({ persistentVolume: { namePrefix: "-x" } }),
        [
            "storages.jenkins.persistentVolume.namePrefix must consist of lower case letters, digits and hyphens, " +
                'at most 63 with the ordinal, got "-x"',
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
        "storages that aren't a map",
        { cluster, storages: 5 },
        ["storages must be a map of storages by name, got 5"],
    ],
    [
        "storages that are text",
        { cluster, storages: "jenkins" },
        ['storages must be a map of storages by name, got "jenkins"'],
    ],
    [
        "a list of storages",
        { cluster, storages: [jenkins] },
        [`storages must be a map of storages by name, got ${JSON.stringify([jenkins])}`],
    ],
    [
        "a storage that isn't a map",
        { cluster, storages: { jenkins: 3 } },
        ["storages.jenkins must be a map of settings, got 3"],
    ],
    ["no storages", { cluster, storages: {} }, ["storages must have at least one storage, got {}"]],
    [
        "nothing",
        {},
        [
            "cluster is required and must be a map of settings",
            "storages is required and must be a map of storages by name",
        ],
    ],
    [
        "a cluster that is text",
        { cluster: "proyecto", storages: { jenkins } },
        ['cluster must be a map of settings, got "proyecto"'],
    ],
    [
        "a cluster without a name",
        { cluster: {}, storages: { jenkins } },
        [
            "cluster.name is required and must be the cluster's name: letters, digits, dots, hyphens, underscores, at most 106",
        ],
    ],
    [
        "unknown settings",
        { cluster: { ...cluster, vpc: "x" }, storage: 1, storages: { jenkins: { ...jenkins, size: 1 } } },
        [
            "storage is not a known setting: known are cluster, kubeconfig, context, storages, got 1",
            'cluster.vpc is not a known setting: known are name, region, nodes, zones, got "x"',
            "storages.jenkins.size is not a known setting: known are region, nodes, zones, placement, zoneByOrdinal, count, start, volume, overrides, " +
                "deletionPolicy, protect, backup, persistentVolume, storageClass, claims, dynamicStorageClass, alongside, aliases, got 1",
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
        "an override whose type doesn't fit the size",
        storage({ overrides: { "1": { type: "st1" } } }),
        ["storages.jenkins.overrides.1.sizeGiB must be between 125 and 16384 for type st1, got 10"],
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
        "a deletion policy that isn't one",
        storage({ deletionPolicy: "Keep" }),
        ['storages.jenkins.deletionPolicy must be one of Retain, Snapshot, Delete, got "Keep"'],
    ],
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
        "a snapshot that isn't one",
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
        "ReadWriteMany without Multi-Attach and a block device",
        storage({ persistentVolume: { accessModes: ["ReadWriteMany"] } }),
        [
            "storages.jenkins.persistentVolume.volumeMode must be Block for access mode ReadWriteMany, file systems on several " +
                'nodes lose data, got "Filesystem"',
            "storages.jenkins.volume.multiAttachEnabled is required and must be true for access mode ReadWriteMany",
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
    [
        "a KMS key for a volume that isn't encrypted",
        volume({ encrypted: false, kmsKeyId: key }),
        [`storages.jenkins.volume.kmsKeyId must be left out where encrypted is false, got "${key}"`],
    ],
    [
        "a label that isn't one",
        storage({ persistentVolume: { labels: { type: "a b" } } }),
        [
            "storages.jenkins.persistentVolume.labels.type must be a label: at most 63 letters, digits, hyphens, " +
                'dots, underscores, got "a b"',
        ],
    ],
    [
        "a file system that isn't one",
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
        "an existing volume that isn't one",
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
        "claims of nobody",
        storage({ claims: { namespace: "web" } }),
        [
            "storages.jenkins.claims.statefulSet is required and must be given, or names in its place",
            "storages.jenkins.claims.template is required and must be given, or names in its place",
        ],
    ],
    [
        "claims of a set and named ones",
        storage({ claims: { statefulSet: "web", template: "www", names: ["a", "b", "c"] } }),
        [
            'storages.jenkins.claims.statefulSet can\'t be combined with names, got "web"',
            'storages.jenkins.claims.template can\'t be combined with names, got "www"',
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
        "a name that no claim can have",
        storage({ claims: { names: ["a", "b", "Mi Peticion"] } }),
        [
            "storages.jenkins.claims.names.2 must consist of lower case letters, digits, hyphens and dots, at most 253, " +
                'got "Mi Peticion"',
        ],
    ],
    [
        "a zone by ordinal that isn't one",
        storage({ zoneByOrdinal: { "0": "here" } }),
        [
            'storages.jenkins.zoneByOrdinal.0 must be the name or the id of an availability zone such as eu-west-1a or euw1-az1, got "here"',
        ],
    ],
    [
        "a storage alongside none",
        storage({ alongside: "logs" }),
        ['storages.jenkins.alongside must be another storage that isn\'t alongside one itself, got "logs"'],
    ],
    [
        "aliases that are storages, or are those of two",
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
            'storages.a.alongside must be another storage that isn\'t alongside one itself, got "b"',
            'storages.b.alongside must be another storage that isn\'t alongside one itself, got "a"',
            'storages.b.zones can\'t be combined with alongside, got ["eu-west-1a"]',
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
        "a region that isn't one",
        { cluster: { ...cluster, region: "Ireland" }, storages: { jenkins } },
        ['cluster.region must be the name of a region such as eu-west-1, got "Ireland"'],
    ],
    [
        "nodes that can't be found",
        {
            cluster: { ...cluster, nodes: { preset: "gke", groups: [], securityGroupId: "nodes", vpcId: 1 } },
            storages: { jenkins: { ...jenkins, nodes: { preset: null, tags: "a", includeLocalZones: 1 } } },
        },
        [
            'cluster.nodes.preset must be one of kops, eks, karpenter, eksAutoMode, got "gke"',
            "cluster.nodes.groups must have at least one value, got []",
            'cluster.nodes.securityGroupId must be a security group\'s id such as sg-0123456789abcdef0, got "nodes"',
            "cluster.nodes.vpcId must be a VPC's id such as vpc-0123456789abcdef0, got 1",
            "storages.jenkins.nodes.preset must be one of kops, eks, karpenter, eksAutoMode, got null",
            'storages.jenkins.nodes.tags must be a map of texts, got "a"',
            "storages.jenkins.nodes.includeLocalZones must be true or false, got 1",
        ],
    ],
    [
        "filters that aren't, or are the component's",
        storage({
            nodes: {
                filters: [
                    { name: "availability-zone", values: ["eu-west-1a"] },
                    { name: "instance-state-name", values: ["stopped"] },
                    { name: "image-id", values: [] },
                    { name: "image-id", value: "ami-1" },
                ],
            },
        }),
        [
            ...["availability-zone", "instance-state-name"].map(
                (name, position) =>
                    `storages.jenkins.nodes.filters.${position}.name must be the name of an EC2 filter, but for those ` +
                    `for zones and states, which the component sets, got "${name}"`,
            ),
            "storages.jenkins.nodes.filters.2.values must have at least one value, got []",
            "storages.jenkins.nodes.filters.3.values is required and must be a list of texts",
            'storages.jenkins.nodes.filters.3.value is not a known setting: known are name, values, got "ami-1"',
        ],
    ],
    [
        "groups of nothing",
        { cluster: { ...cluster, nodes: { groups: ["workers"] } }, storages: { jenkins } },
        ['cluster.nodes.groups must be left out without preset, got ["workers"]'],
    ],
    [
        "tags against those of the preset",
        storage({ nodes: { preset: "kops", tags: { KubernetesCluster: "other", team: "a" } } }),
        [
            'storages.jenkins.nodes.tags.KubernetesCluster must be left to preset kops, which sets it, got "other"',
        ],
    ],
    [
        "a placement that isn't one",
        storage({ placement: "Random" }),
        ['storages.jenkins.placement must be one of RoundRobin, ByNodeCount, got "Random"'],
    ],
    [
        "a placement beside zones by ordinal",
        storage({ placement: "ByNodeCount", zoneByOrdinal: { "0": "eu-west-1a" } }),
        ['storages.jenkins.placement can\'t be combined with zoneByOrdinal, got "ByNodeCount"'],
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
    [
        "the name of the storage's own class for the dynamic one",
        storage({ dynamicStorageClass: { name: "jenkins" } }),
        [
            'storages.jenkins.dynamicStorageClass.name must not be the name of the storage\'s own class too, got "jenkins"',
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
        "zones of ordinals that aren't the storage's",
        storage({
            zoneByOrdinal: { "0": "eu-west-1a", "3": "eu-west-1a", "01": "eu-west-1b", first: "eu-west-1a" },
        }),
        ['"3" "eu-west-1a"', '"01" "eu-west-1b"', '"first" "eu-west-1a"'].map((one) => {
            const [key = "", zone = ""] = one.split(" ");
            return `storages.jenkins.zoneByOrdinal.${JSON.parse(key)} must belong to an ordinal of this storage, 0 to 2, got ${zone}`;
        }),
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
        "reserved tags of a backup",
        storage({ backup: { ...backupTo(), tags: { KubernetesCluster: "x", Name: "y", "aws:a": "z" } } }),
        ["KubernetesCluster", "aws:a"].map(
            (tag, index) =>
                `storages.jenkins.backup.tags.${tag} must be left to the component, which sets it, got "${["x", "z"][index]}"`,
        ),
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
        "an empty name beside a prefix",
        {
            cluster,
            storages: {
                "": { ...jenkins, persistentVolume: { namePrefix: "a" }, storageClass: { name: "a" } },
            },
        },
        ['storages. must be a text of printable characters that isn\'t blank, got ""'],
    ],
    [
        "odd names beside a prefix",
        {
            cluster,
            storages: {
                "a\u0007": { ...jenkins, persistentVolume: { namePrefix: "a" }, storageClass: { name: "a" } },
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
        "a storage with a name that objects would lose",
        {
            cluster,
            storages: proto({
                ...jenkins,
                persistentVolume: { namePrefix: "a" },
                storageClass: { name: "a" },
            }),
        },
        [
            `storages.__proto__ ${protoRule} {"count":3,"volume":{"sizeGiB":10},"persistentVolume":{"namePrefix":"a"},"sto...`,
        ],
    ],
    [
        "settings in thousands of levels",
        {
            cluster,
            storages: JSON.stringify({ jenkins: { ...jenkins, zones: 0 } }).replace(
                '"zones":0',
                `"zones":${deep}`,
            ),
        },
        deepMessages,
    ],
    [
        "several mistakes",
        { cluster: { name: "" }, storages: { jenkins: { count: 0, volume: { sizeGiB: 0, type: "gp9" } } } },
        [
            'cluster.name must be the cluster\'s name: letters, digits, dots, hyphens, underscores, at most 106, got ""',
            "storages.jenkins.count must be a whole number between 1 and 10000, got 0",
            'storages.jenkins.volume.type must be one of gp3, gp2, io1, io2, st1, sc1, standard, got "gp9"',
            "storages.jenkins.volume.sizeGiB must be between 1 and 65536, got 0",
        ],
    ],
];

describe("config", () => {
    it("returns each storage's args with the cluster's", () => {
        const where = { region: "eu-west-1", nodes: { securityGroupName: "workers" } };
        const settings = {
            cluster: { ...cluster, ...where },
            storages: { jenkins, db: { ...jenkins, zones: ["eu-west-1a"] } },
        };
        const own = { clusterName: cluster.name, ...where, ...jenkins };
        assert.deepEqual(readStorages(project, config(settings)), [
            { name: "jenkins", args: own, alongside: undefined, aliases: [] },
            { name: "db", args: { ...own, zones: ["eu-west-1a"] }, alongside: undefined, aliases: [] },
        ]);
    });

    it("accepts every setting", () => {
        const { alongside, aliases, ...args } = fullStorage;
        const storages = { full: { ...args, aliases }, beside: { ...jenkins, alongside } };
        const read = readStorages(project, config({ cluster, storages }));
        assert.deepEqual(read[0], {
            name: "full",
            args: { clusterName: cluster.name, ...args },
            alongside: undefined,
            aliases,
        });
    });

    it("sorts a storage after the one that it is alongside", () => {
        const storages = { logs: { ...jenkins, alongside: "data" }, data: jenkins };
        assert.deepEqual(
            readStorages(project, config({ cluster, storages })).map(({ name, alongside }) => [
                name,
                alongside,
            ]),
            [
                ["data", undefined],
                ["logs", "data"],
            ],
        );
    });

    it("ignores settings of other packages", () => {
        const settings = { ...config({ cluster, storages: { jenkins } }), "aws:region": "eu-west-1" };
        assert.deepEqual(
            readStorages(project, settings).map(({ name }) => name),
            ["jenkins"],
        );
    });

    it("keeps values of secret keys secret, also in messages", async () => {
        const isSecretKey = (one: string) => one === `${project}:storages`;
        const tags = { code: "planted" };
        const storages = {
            jenkins: {
                count: 1,
                volume: { sizeGiB: 10, tags, kmsKeyId: key },
                backup: { ...backupTo("eu-north-1"), tags },
                persistentVolume: { labels: tags, annotations: tags, mountOptions: ["planted"] },
                overrides: { "0": { tags } },
                nodes: { tags, filters: [{ name: "n", values: ["planted"] }] },
            },
        };
        const [read] = readStorages(project, config({ cluster, storages }), isSecretKey);
        const { clusterName, count, volume: made, ...others } = read!.args;
        assert.deepEqual([clusterName, count, made.sizeGiB], [cluster.name, 1, 10]);
        const paths = await secretPaths({ volume: made, ...others });
        assert.deepEqual(paths.map((path) => path.join(".")).sort(), [
            "backup.roleArn",
            "backup.tags.code",
            "nodes.filters.0.values.0",
            "nodes.tags.code",
            "overrides.0.tags.code",
            "persistentVolume.annotations.code",
            "persistentVolume.labels.code",
            "persistentVolume.mountOptions.0",
            "volume.kmsKeyId",
            "volume.tags.code",
        ]);

        const wrong = {
            cluster,
            storages: { jenkins: { count: -5, volume: { sizeGiB: 10, tags: { code: 7 } } } },
        };
        assert.throws(() => readStorages(project, config(wrong), isSecretKey), {
            message: [
                "the stack's config can't be used:",
                "  - storages.jenkins.count must be a whole number between 1 and 10000, got [secret]",
                "  - storages.jenkins.volume.tags.code must be text of at most 256 characters, got [secret]",
            ].join("\n"),
        });
    });

    refused.forEach(([what, settings, expected]) =>
        it(`rejects ${what}`, () => {
            assert.throws(() => readStorages(project, config(settings)), {
                message: ["the stack's config can't be used:", ...expected.map((line) => `  - ${line}`)].join(
                    "\n",
                ),
            });
        }),
    );
});

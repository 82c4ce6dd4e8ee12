import assert from "node:assert/strict";
import * as awsSdk from "@pulumi/aws";
import * as kubernetesSdk from "@pulumi/kubernetes";
import { output, RunError } from "@pulumi/pulumi";
import { CsiDriver, DeletionPolicy, ZonalPersistentStorage } from "../../components";
import type { ZonalPersistentStorageArgs } from "../../components";
import { record, recordFailure } from "../support/mocks";
import type { World } from "../support/mocks";

const volumeType = "aws:ebs/volume:Volume";
const persistentVolumeType = "kubernetes:core/v1:PersistentVolume";
const classType = "kubernetes:storage.k8s.io/v1:StorageClass";

/** How Pulumi writes a value that a preview can't know. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const cluster = "proyecto.k8s.local";
const node = (zone: string, group = `nodes.${cluster}`, state = "running") => ({
    zone,
    group,
    state,
    id: `i-${group}-${zone}-${state}`,
});
/** Nodes in b and c; what must not count in a. */
const world: World = {
    zones: ["eu-west-1c", "eu-west-1a", "eu-west-1b"],
    instances: [
        node("eu-west-1c"),
        node("eu-west-1b"),
        node("eu-west-1c"),
        node("eu-west-1a", `masters.${cluster}`),
        node("eu-west-1a", "nodes.otro.k8s.local"),
        node("eu-west-1a", undefined, "stopped"),
        node("eu-west-1a", undefined, "terminated"),
    ],
};
const jenkins: ZonalPersistentStorageArgs = {
    clusterName: cluster,
    count: 3,
    start: 1,
    volume: { sizeGiB: 10, type: "gp2" },
    persistentVolume: { namePrefix: "manual-ebs", ordinalDigits: 2, labels: { type: "ebs" } },
    storageClass: { name: "manual-ebs" },
};

const make = (args: Partial<ZonalPersistentStorageArgs> = {}) => {
    const { zones, storageClassName, volumes } = new ZonalPersistentStorage("jenkins", {
        ...jenkins,
        ...args,
    });
    return { zones, storageClassName, volumes };
};

[false, true].forEach((preview) => {
    describe(`ZonalPersistentStorage in ${preview ? "a preview" : "an update"}`, () => {
        it("makes one class, and a volume and a PersistentVolume for each ordinal", async () => {
            const { registrations, of } = await record(make, world, { preview });
            const component = "zonal-persistent-storage:index:ZonalPersistentStorage";
            assert.deepEqual(
                registrations.map(({ type, name }) => `${type} ${name}`).sort(),
                [
                    "pulumi:pulumi:Stack project-stack",
                    `${component} jenkins`,
                    `${classType} jenkins`,
                    ...[1, 2, 3].flatMap((one) => [
                        `${volumeType} jenkins-${one}`,
                        `${persistentVolumeType} jenkins-${one}`,
                    ]),
                ].sort(),
            );
            const parent = `urn:pulumi:stack::project::pulumi:pulumi:Stack$${component}::jenkins`;
            const children = [of(volumeType), of(persistentVolumeType), of(classType)].flatMap(Object.values);
            children.forEach((child) => assert.equal((child as { parent: string }).parent, parent));
        });

        it("plans every volume in full", async () => {
            const { of } = await record(make, world, { preview });
            assert.deepEqual(
                Object.values(of(volumeType)).map(({ name, inputs }) => [name, inputs]),
                ["eu-west-1c", "eu-west-1b", "eu-west-1c"].map((availabilityZone, position) => [
                    `jenkins-${position + 1}`,
                    {
                        availabilityZone,
                        size: 10,
                        type: "gp2",
                        encrypted: true,
                        finalSnapshot: false,
                        tags: {
                            Name: `manual-ebs-0${position + 1}.${cluster}`,
                            KubernetesCluster: cluster,
                            [`kubernetes.io/cluster/${cluster}`]: "shared",
                            "ebs.csi.aws.com/cluster": "true",
                            "ebs.csi.aws.com/cluster-name": cluster,
                            "kubernetes.io/created-for/pv/name": `manual-ebs-0${position + 1}`,
                        },
                    },
                ]),
            );
        });

        it("gives each PersistentVolume its volume and that volume's zone", async () => {
            const { of } = await record(make, world, { preview });
            const { inputs } = of(persistentVolumeType)["jenkins-2"]!;
            assert.deepEqual(inputs, {
                apiVersion: "v1",
                kind: "PersistentVolume",
                metadata: {
                    name: "manual-ebs-02",
                    labels: { type: "ebs", "topology.kubernetes.io/zone": "eu-west-1b" },
                },
                spec: {
                    capacity: { storage: "10Gi" },
                    volumeMode: "Filesystem",
                    accessModes: ["ReadWriteOnce"],
                    persistentVolumeReclaimPolicy: "Retain",
                    storageClassName: "manual-ebs",
                    csi: {
                        driver: "ebs.csi.aws.com",
                        fsType: "ext4",
                        volumeHandle: preview ? unknown : "vol-jenkins-2",
                    },
                    nodeAffinity: {
                        required: {
                            nodeSelectorTerms: [
                                {
                                    matchExpressions: [
                                        {
                                            key: "topology.kubernetes.io/zone",
                                            operator: "In",
                                            values: ["eu-west-1b"],
                                        },
                                    ],
                                },
                            ],
                        },
                    },
                },
            });
        });

        it("creates nothing before the queries and the class", async () => {
            const { of, registrations } = await record(make, world, { preview });
            const classUrn = /StorageClass::jenkins$/;
            Object.values(of(volumeType)).forEach(({ dependencies }) =>
                assert.ok(dependencies.some((urn) => classUrn.test(urn))),
            );
            const order = registrations.map(({ type }) => type);
            assert.ok(order.indexOf(classType) < order.indexOf(volumeType));
        });

        it("pins the zone and the capacity", async () => {
            const { of } = await record(make, world, { preview });
            Object.values(of(volumeType)).forEach(({ ignoreChanges }) =>
                assert.deepEqual(ignoreChanges, ["availabilityZone"]),
            );
            Object.values(of(persistentVolumeType)).forEach(({ ignoreChanges }) =>
                assert.deepEqual(ignoreChanges, ["spec.capacity"]),
            );
        });
    });
});

describe("ZonalPersistentStorage", () => {
    it("has zones, class and a record for each ordinal as outputs", async () => {
        const { result } = await record(make, world);
        assert.deepEqual(result, {
            zones: ["eu-west-1b", "eu-west-1c"],
            storageClassName: "manual-ebs",
            volumes: ["eu-west-1c", "eu-west-1b", "eu-west-1c"].map((zone, position) => ({
                ordinal: position + 1,
                zone,
                volumeId: `vol-jenkins-${position + 1}`,
                persistentVolumeName: `manual-ebs-0${position + 1}`,
            })),
        });
    });

    it("needs no more than a cluster, a count and a size", async () => {
        const { of, result } = await record(() => {
            const { volumes } = new ZonalPersistentStorage("data", {
                clusterName: cluster,
                count: 2,
                volume: { sizeGiB: 1 },
            });
            return { volumes };
        }, world);
        assert.deepEqual(Object.keys(of(volumeType)), ["data-0", "data-1"]);
        const { inputs } = of(volumeType)["data-0"]!;
        assert.deepEqual([inputs.type, inputs.encrypted], ["gp3", true]);
        assert.deepEqual(
            result?.volumes.map((one) => one.persistentVolumeName),
            ["data-0", "data-1"],
        );
        assert.deepEqual(of(classType).data!.inputs, {
            apiVersion: "storage.k8s.io/v1",
            kind: "StorageClass",
            metadata: { name: "data" },
            provisioner: "kubernetes.io/no-provisioner",
            volumeBindingMode: "WaitForFirstConsumer",
            reclaimPolicy: "Retain",
            allowVolumeExpansion: true,
        });
    });

    it("uses a class that exists where it is told to", async () => {
        const storageClass = { name: "manual-ebs", create: false };
        const { of } = await record(() => make({ storageClass }), world);
        assert.deepEqual(of(classType), {});
        const { spec } = of(persistentVolumeType)["jenkins-1"]!.inputs as {
            spec: { storageClassName: string };
        };
        assert.equal(spec.storageClassName, "manual-ebs");
    });

    const policies = [
        { deletionPolicy: undefined, retainOnDelete: true, finalSnapshot: false, customTimeouts: {} },
        {
            deletionPolicy: DeletionPolicy.Retain,
            retainOnDelete: true,
            finalSnapshot: false,
            customTimeouts: {},
        },
        {
            deletionPolicy: DeletionPolicy.Snapshot,
            retainOnDelete: false,
            finalSnapshot: true,
            customTimeouts: { delete: "60m" },
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
            it(`keeps its promise about data: ${String(deletionPolicy)}, protect ${String(protect)}`, async () => {
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

    it("guards volumes against shrinking where the engine takes hooks", async () => {
        const guarded = await record(make, world, { hooks: true });
        const unguarded = await record(make, world);
        const hooksOf = ({ of }: typeof guarded) =>
            Object.values(of(volumeType)).map((one) => one.beforeUpdate);
        const guard = ["zonal-persistent-storage:refuse-shrink"];
        assert.deepEqual(hooksOf(guarded), [guard, guard, guard]);
        assert.deepEqual(hooksOf(unguarded), [[], [], []]);
    });

    it("gives single ordinals what their overrides say", async () => {
        const overrides = { "2": { sizeGiB: 20, zone: "eu-west-1a", tags: { Name: "special" } } };
        const { of, result } = await record(() => make({ overrides }), world);
        const sizes = Object.values(of(volumeType)).map(({ inputs }) => [
            inputs.availabilityZone,
            inputs.size,
        ]);
        assert.deepEqual(sizes, [
            ["eu-west-1c", 10],
            ["eu-west-1a", 20],
            ["eu-west-1c", 10],
        ]);
        assert.equal((of(volumeType)["jenkins-2"]!.inputs.tags as Record<string, string>).Name, "special");
        const { spec } = of(persistentVolumeType)["jenkins-2"]!.inputs as { spec: { capacity: object } };
        assert.deepEqual(spec.capacity, { storage: "20Gi" });
        assert.equal(result?.volumes[1]?.zone, "eu-west-1a");
    });

    it("builds the PersistentVolume from the zone that the volume is really in", async () => {
        const { result, of } = await record(make, world, { actualZones: { "jenkins-2": "eu-west-1a" } });
        assert.equal(result?.volumes[1]?.zone, "eu-west-1a");
        assert.match(
            JSON.stringify(of(persistentVolumeType)["jenkins-2"]!.inputs),
            /"values":\["eu-west-1a"\]/,
        );
    });

    it("makes PersistentVolumes for volumes that exist, and leaves those alone", async () => {
        const volumes = {
            "vol-1": {
                availabilityZone: "eu-west-1a",
                size: 77,
                tags: { KubernetesCluster: cluster, "ebs.csi.aws.com/cluster": "true" },
            },
        };
        const { of, result } = await record(() => make({ overrides: { "2": { volumeId: "vol-1" } } }), {
            ...world,
            volumes,
        });
        assert.deepEqual(Object.keys(of(volumeType)), ["jenkins-1", "jenkins-3"]);
        const { spec, metadata } = of(persistentVolumeType)["jenkins-2"]!.inputs as Record<string, object>;
        assert.deepEqual(result?.volumes[1], {
            ordinal: 2,
            zone: "eu-west-1a",
            volumeId: "vol-1",
            persistentVolumeName: "manual-ebs-02",
        });
        assert.match(
            JSON.stringify(spec),
            /"capacity":\{"storage":"77Gi"\}.*"volumeHandle":"vol-1".*\["eu-west-1a"\]/,
        );
        assert.match(JSON.stringify(metadata), /"topology.kubernetes.io\/zone":"eu-west-1a"/);
    });

    it("says which tags an existing volume lacks", async () => {
        const volumes = {
            "vol-1": { availabilityZone: "eu-west-1a", size: 77, tags: { KubernetesCluster: "other" } },
        };
        const { logs } = await record(() => make({ overrides: { "2": { volumeId: "vol-1" } } }), {
            ...world,
            volumes,
        });
        assert.deepEqual(logs, [
            `volume vol-1 lacks the tags KubernetesCluster=${cluster} and ebs.csi.aws.com/cluster=true: the EBS CSI ` +
                "driver's IAM policy may keep it from being attached",
        ]);
    });

    it("gives PersistentVolumes what they are told to have", async () => {
        const persistentVolume = {
            annotations: { note: "x" },
            accessModes: ["ReadWriteOncePod"],
            mountOptions: ["noatime"],
            fsType: "xfs",
        };
        const { of } = await record(() => make({ persistentVolume }), world);
        const { spec, metadata } = of(persistentVolumeType)["jenkins-1"]!.inputs as Record<
            string,
            Record<string, object>
        >;
        assert.deepEqual(metadata?.annotations, { note: "x" });
        assert.deepEqual(
            [spec?.accessModes, spec?.mountOptions, (spec?.csi as { fsType: string }).fsType],
            [["ReadWriteOncePod"], ["noatime"], "xfs"],
        );
    });

    it("makes block devices without a file system", async () => {
        const { of } = await record(() => make({ persistentVolume: { volumeMode: "Block" } }), world);
        const { spec } = of(persistentVolumeType)["jenkins-1"]!.inputs as {
            spec: { volumeMode: string; csi: object };
        };
        assert.equal(spec.volumeMode, "Block");
        assert.deepEqual(spec.csi, { driver: "ebs.csi.aws.com", volumeHandle: "vol-jenkins-1" });
    });

    it("speaks to EKS Auto Mode in its own terms", async () => {
        const { of } = await record(
            () => make({ persistentVolume: { csiDriver: CsiDriver.eksAutoMode } }),
            world,
        );
        const { tags } = of(volumeType)["jenkins-1"]!.inputs as { tags: Record<string, string> };
        assert.equal(tags["eks:eks-cluster-name"], cluster);
        const spec = JSON.stringify(of(persistentVolumeType)["jenkins-1"]!.inputs.spec);
        assert.match(spec, /"driver":"ebs.csi.eks.amazonaws.com"/);
        assert.match(
            spec,
            /"key":"topology.ebs.csi.eks.amazonaws.com\/zone","operator":"In","values":\["eu-west-1c"\]/,
        );
    });

    it("takes inputs that come later", async () => {
        const later = <T>(value: T) =>
            output(new Promise<T>((resolve) => setTimeout(() => resolve(value), 20)));
        const { of, result } = await record(
            () =>
                make({
                    clusterName: later(cluster),
                    zones: later([later("eu-west-1b"), "eu-west-1a"]),
                    volume: { sizeGiB: later(30), type: later("io1" as const), iops: later(200) },
                    storageClass: { name: later("slow") },
                }),
            world,
        );
        const { inputs } = of(volumeType)["jenkins-1"]!;
        assert.deepEqual(
            [inputs.size, inputs.type, inputs.iops, inputs.availabilityZone],
            [30, "io1", 200, "eu-west-1b"],
        );
        assert.equal(result?.storageClassName, "slow");
    });
});

describe("claims", () => {
    const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
    const web = { namespace: "shop", statefulSet: "web", template: "www" };
    const specOf = (registration: { inputs: object } | undefined) =>
        (registration?.inputs as { spec: Record<string, unknown> }).spec;

    it("of a StatefulSet are reserved, ordinal by ordinal", async () => {
        const { of } = await record(() => make({ start: 0, claims: web }), world);
        assert.deepEqual(
            Object.values(of(persistentVolumeType)).map((one) => specOf(one).claimRef),
            [0, 1, 2].map((ordinal) => ({
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                namespace: "shop",
                name: `www-web-${ordinal}`,
            })),
        );
        assert.deepEqual(of(claimType), {});
        const { tags } = of(volumeType)["jenkins-1"]!.inputs as { tags: Record<string, string> };
        assert.equal(tags["kubernetes.io/created-for/pvc/name"], "www-web-1");
        assert.equal(tags["kubernetes.io/created-for/pvc/namespace"], "shop");
    });

    it("with names are reserved in the namespace default, in order", async () => {
        const { of } = await record(() => make({ claims: { names: ["c", "a", "b"] } }), world);
        assert.deepEqual(
            Object.values(of(persistentVolumeType)).map((one) => specOf(one).claimRef),
            ["c", "a", "b"].map((name) => ({
                apiVersion: "v1",
                kind: "PersistentVolumeClaim",
                namespace: "default",
                name,
            })),
        );
    });

    it("are created where they are to be ours, after their PersistentVolumes", async () => {
        const { of } = await record(() => make({ start: 0, claims: { ...web, create: true } }), world);
        const claims = of(claimType);
        assert.deepEqual(Object.keys(claims), ["jenkins-0", "jenkins-1", "jenkins-2"]);
        assert.deepEqual(claims["jenkins-1"]!.inputs, {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: {
                name: "www-web-1",
                namespace: "shop",
                annotations: { "pulumi.com/waitFor": "jsonpath={.status.phase}=Bound" },
            },
            spec: {
                volumeMode: "Filesystem",
                accessModes: ["ReadWriteOnce"],
                storageClassName: "manual-ebs",
                volumeName: "manual-ebs-01",
                resources: { requests: { storage: "10Gi" } },
            },
        });
        assert.ok(
            claims["jenkins-1"]!.dependencies.some((urn) => urn.endsWith("PersistentVolume::jenkins-1")),
        );
    });

    it("that hold something are waited for 90 seconds at most", async () => {
        const { of } = await record(() => make({ claims: { names: ["c", "a", "b"], create: true } }), world);
        [...Object.values(of(claimType)), ...Object.values(of(persistentVolumeType))].forEach((one) =>
            assert.deepEqual(one.customTimeouts, { delete: "90s" }),
        );
    });
});

describe("zones by ordinal", () => {
    it("are where another storage's disks are, whatever the nodes' zones", async () => {
        const actualZones = { "data-0": "eu-west-1a", "data-1": "eu-west-1a", "data-2": "eu-west-1b" };
        const { of, calls } = await record(
            () => {
                const { zoneByOrdinal } = new ZonalPersistentStorage("data", { ...jenkins, start: 0 });
                const logs = {
                    clusterName: cluster,
                    count: 2,
                    start: 1,
                    volume: { sizeGiB: 1 },
                    zoneByOrdinal,
                };
                const { zones } = new ZonalPersistentStorage("logs", logs);
                return { zones };
            },
            world,
            { actualZones },
        );
        const zones = Object.values(of(volumeType)).map(({ name, inputs }) => [
            name,
            inputs.availabilityZone,
        ]);
        assert.deepEqual(zones.slice(3), [
            ["logs-1", "eu-west-1a"],
            ["logs-2", "eu-west-1b"],
        ]);
        assert.equal(
            calls.filter(({ token }) => token.includes("getInstances")).length,
            3,
            "no query of its own",
        );
    });

    it("warn of a disk that exists elsewhere", async () => {
        const zoneByOrdinal = { "1": "eu-west-1a", "2": "eu-west-1b", "3": "eu-west-1b" };
        const actualZones = { "jenkins-1": "eu-west-1c" };
        const { logs, result } = await record(() => make({ zoneByOrdinal }), world, { actualZones });
        assert.deepEqual(logs, [
            "the volume of ordinal 1 is in eu-west-1c and stays there, not in eu-west-1a as zoneByOrdinal has it: " +
                "a pod that needs disks in both can't be scheduled",
        ]);
        assert.equal(result?.volumes[0]?.zone, "eu-west-1c");
    });
});

describe("the dynamic class", () => {
    it("provisions disks like the storage's, in the nodes' zones only", async () => {
        const { of } = await record(() => make({ dynamicStorageClass: { name: "gp2-zonal" } }), world);
        assert.deepEqual(of(classType)["jenkins-dynamic"]!.inputs, {
            apiVersion: "storage.k8s.io/v1",
            kind: "StorageClass",
            metadata: { name: "gp2-zonal" },
            provisioner: "ebs.csi.aws.com",
            volumeBindingMode: "WaitForFirstConsumer",
            reclaimPolicy: "Retain",
            allowVolumeExpansion: true,
            parameters: { type: "gp2", encrypted: "true", "csi.storage.k8s.io/fstype": "ext4" },
            allowedTopologies: [
                {
                    matchLabelExpressions: [
                        { key: "topology.kubernetes.io/zone", values: ["eu-west-1b", "eu-west-1c"] },
                    ],
                },
            ],
        });
    });
});

describe("the query", () => {
    const zonesCall = "aws:index/getAvailabilityZones:getAvailabilityZones";
    const instancesCall = "aws:ec2/getInstances:getInstances";

    it("is one call for the zones and one for each zone", async () => {
        const { calls } = await record(make, world);
        assert.deepEqual(
            calls.map(({ token, inputs }) => [token, inputs]),
            [
                [zonesCall, { filters: [{ name: "zone-type", values: ["availability-zone"] }] }],
                ...["eu-west-1c", "eu-west-1a", "eu-west-1b"].map((zone) => [
                    instancesCall,
                    {
                        filters: [
                            { name: "instance.group-name", values: [`nodes.${cluster}`] },
                            { name: "availability-zone", values: [zone] },
                        ],
                        instanceStateNames: ["running"],
                    },
                ]),
            ],
        );
    });

    it("does not grow with the number of nodes", async () => {
        const many = Array.from({ length: 500 }, (_, one) => node(`eu-west-1${"abc"[one % 3]}`));
        const { calls, result } = await record(make, { ...world, instances: many });
        assert.equal(calls.length, 4);
        assert.deepEqual(result?.zones, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    });

    it("only checks the zones where they are given", async () => {
        const { calls, result } = await record(() => make({ zones: ["eu-west-1b", "eu-west-1a"] }), world);
        assert.deepEqual(
            calls.map(({ token, inputs }) => [token, inputs]),
            [[zonesCall, { filters: [] }]],
        );
        assert.deepEqual(result?.zones, ["eu-west-1a", "eu-west-1b"]);
    });

    it("looks into the security group that it is given", async () => {
        const { result } = await record(
            () => make({ nodes: { securityGroupName: `masters.${cluster}` } }),
            world,
        );
        assert.deepEqual(result?.zones, ["eu-west-1a"]);
    });

    it("uses the component's providers, and so do the children", async () => {
        const { calls, of } = await record(() => {
            const aws = new awsSdk.Provider("account", { region: "eu-west-1" });
            const kubernetes = new kubernetesSdk.Provider("cluster", {});
            const { volumes } = new ZonalPersistentStorage("jenkins", jenkins, {
                providers: { aws, kubernetes },
            });
            return { volumes };
        }, world);
        calls.forEach(({ provider }) => assert.match(provider, /pulumi:providers:aws::account::account-id$/));
        Object.values(of(volumeType)).forEach(({ provider }) =>
            assert.match(provider, /pulumi:providers:aws::account::account-id$/),
        );
        [...Object.values(of(persistentVolumeType)), ...Object.values(of(classType))].forEach(
            ({ provider }) => assert.match(provider, /pulumi:providers:kubernetes::cluster::cluster-id$/),
        );
    });
});

describe("mistakes", () => {
    const later = <T>(value: T) => output(Promise.resolve(value));
    const mistakes: [string, Partial<ZonalPersistentStorageArgs>, World, string[]][] = [
        [
            "no such cluster",
            { clusterName: "otra.k8s.local" },
            world,
            [
                'no node of the cluster "otra.k8s.local" was found:',
                '  - there is no instance in the security group "nodes.otra.k8s.local" in eu-west-1: check the ' +
                    "cluster's name, the AWS account and the region, give nodes.securityGroupName if the nodes are " +
                    "in another group, or give zones",
            ],
        ],
        [
            "a cluster with only stopped nodes",
            {},
            { ...world, instances: [node("eu-west-1a", undefined, "stopped")] },
            [
                `no node of the cluster "${cluster}" is running:`,
                `  - there are 1 instances in the security group "nodes.${cluster}" in eu-west-1, none of them running ` +
                    `(i-nodes.${cluster}-eu-west-1a-stopped): start the nodes, or give zones`,
            ],
        ],
        [
            "unknown zones",
            { zones: ["eu-west-1b", "eu-west-1z"], overrides: { "2": { zone: "us-east-1a" } } },
            world,
            [
                "there are no such availability zones:",
                '  - zones must be in eu-west-1c, eu-west-1a, eu-west-1b (eu-west-1), got "eu-west-1z"',
                '  - overrides.2.zone must be in eu-west-1c, eu-west-1a, eu-west-1b (eu-west-1), got "us-east-1a"',
            ],
        ],
        [
            "AWS unreachable",
            {},
            { unreachable: "connect ECONNREFUSED" },
            [
                "AWS doesn't answer the query for availability zones:",
                "  - connect ECONNREFUSED",
                "  - check the credentials, the region, the network and the rights to ec2:DescribeAvailabilityZones, " +
                    "ec2:DescribeInstances and, for existing volumes, ec2:DescribeVolumes",
            ],
        ],
        [
            "a provider that can't be asked yet",
            {},
            { configured: false },
            [
                "the availability zones can't be queried yet:",
                "  - the AWS provider's settings depend on resources that don't exist yet: create those first " +
                    "(pulumi up --target), or give the provider plain settings",
            ],
        ],
        [
            "volumes that don't exist or are another ordinal's",
            { overrides: { "1": { volumeId: "vol-9" }, "3": { volumeId: "vol-2" } } },
            {
                ...world,
                volumes: {
                    "vol-2": {
                        availabilityZone: "eu-west-1a",
                        size: 1,
                        tags: {
                            KubernetesCluster: cluster,
                            "kubernetes.io/created-for/pv/name": "manual-ebs-02",
                        },
                    },
                },
            },
            [
                "there are volumes that can't be used:",
                '  - overrides.1.volumeId must be a volume of this account and region, got "vol-9"',
                '  - overrides.3.volumeId must not be the volume of ordinal 2 too, got "vol-2"',
            ],
        ],
        [
            "an ordinal without a zone",
            { zoneByOrdinal: { "1": "eu-west-1a", "2": "eu-west-1b" } },
            world,
            [
                "there are ordinals without a zone:",
                "  - zoneByOrdinal must have ordinal 3: add it, or lower count",
            ],
        ],
        [
            "values that come later and are wrong",
            { volume: { sizeGiB: later(0), type: later("gp2" as const) } },
            world,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - volume.sizeGiB must be between 1 and 16384 for type gp2, got 0",
            ],
        ],
    ];
    mistakes.forEach(([what, args, where, expected]) =>
        it(`create nothing: ${what}`, async () => {
            const { error, registrations } = await recordFailure(() => make(args), where);
            assert.equal(error.message, expected.join("\n"));
            assert.ok(RunError.isInstance(error), "Pulumi prints it without a stack trace");
            assert.deepEqual(
                registrations.filter(({ custom }) => custom).map(({ name }) => name),
                [],
            );
        }),
    );

    it("create nothing: an override that comes too late for its volume", async () => {
        const overrides = { "2": { zone: "eu-west-1b" } };
        const actualZones = { "jenkins-2": "eu-west-1c" };
        const { error, of } = await recordFailure(() => make({ overrides }), world, { actualZones });
        assert.equal(
            error.message,
            "the volume of overrides.2.zone exists in another zone:\n" +
                '  - overrides.2.zone must be eu-west-1c, where the volume is and stays, or be left out, got "eu-west-1b"',
        );
        assert.equal(of(persistentVolumeType)["jenkins-2"], undefined);
    });

    it("in plain args are found before anything is registered", async () => {
        const { error, registrations } = await recordFailure(
            () => make({ count: 0, volume: { sizeGiB: 0 }, zones: [] }),
            world,
        );
        assert.equal(
            error.message,
            [
                'ZonalPersistentStorage "jenkins" can\'t be made from these args:',
                "  - zones must name at least one availability zone, got []",
                "  - count must be a whole number between 1 and 10000, got 0",
                "  - volume.sizeGiB must be between 1 and 65536 for type gp3, got 0",
            ].join("\n"),
        );
        assert.deepEqual(
            registrations.map(({ type }) => type),
            ["pulumi:pulumi:Stack"],
        );
    });
});

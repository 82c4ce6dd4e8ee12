import assert from "node:assert/strict";
import { output } from "@pulumi/pulumi";
import { CsiDriver, ZonalPersistentStorage } from "../../components";
import {
    classType,
    cluster,
    make,
    persistentVolumeType,
    unknown,
    volumeType,
    world,
} from "../support/mocks/jenkins";
import { record } from "../support/mocks/mocks";

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
                        finalSnapshot: true,
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

        it("creates volumes only after the queries and the class", async () => {
            const { of, registrations } = await record(make, world, { preview });
            const classUrn = /StorageClass::jenkins$/;
            Object.values(of(volumeType)).forEach(({ dependencies }) =>
                assert.ok(dependencies.some((urn) => classUrn.test(urn))),
            );
            const order = registrations.map(({ type }) => type);
            assert.ok(order.indexOf(classType) < order.indexOf(volumeType));
        });

        it("leaves a throughput that the cluster manages to EC2, unless it is set", async () => {
            const volumeWith = async (throughputMiBps?: number) => {
                const volume = { sizeGiB: 10, throughputMiBps };
                const { of } = await record(
                    () => make({ volume, managedByCluster: ["type", "iops", "throughput"] }),
                    world,
                    { preview },
                );
                const { inputs, ignoreChanges } = Object.values(of(volumeType))[0]!;
                return [inputs["iops"], inputs["throughput"], ignoreChanges.includes("throughput")];
            };
            assert.deepEqual(await volumeWith(), [3000, undefined, false]);
            assert.deepEqual(await volumeWith(250), [3000, 250, true]);
        });

        it("ignores changes that would replace a volume, and changes of the capacity", async () => {
            const { of } = await record(make, world, { preview });
            Object.values(of(volumeType)).forEach(({ ignoreChanges }) =>
                assert.deepEqual([...ignoreChanges].sort(), [
                    "availabilityZone",
                    "encrypted",
                    "finalSnapshot",
                    "multiAttachEnabled",
                    "region",
                    "snapshotId",
                    "volumeInitializationRate",
                ]),
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
                snapshotId: "",
                keptVolumeIds: [],
            })),
        });
    });

    it("requires only a cluster, a count and a size", async () => {
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

    it("uses an existing class with storageClass.create false", async () => {
        const storageClass = { name: "manual-ebs", create: false };
        const { of } = await record(() => make({ storageClass }), world);
        assert.deepEqual(of(classType), {});
        const { spec } = of(persistentVolumeType)["jenkins-1"]!.inputs as {
            spec: { storageClassName: string };
        };
        assert.equal(spec.storageClassName, "manual-ebs");
    });

    it("guards volumes against shrinking when the engine supports hooks", async () => {
        const guarded = await record(make, world, { hooks: true });
        const unguarded = await record(make, world);
        const hooksOf = ({ of }: typeof guarded) =>
            Object.values(of(volumeType)).map((one) => one.beforeUpdate);
        const guard = ["zonal-persistent-storage:refuse-shrink", "zonal-persistent-storage:refuse-exchange"];
        assert.deepEqual(hooksOf(guarded), [guard, guard, guard]);
        assert.deepEqual(hooksOf(unguarded), [[], [], []]);
    });

    it("applies overrides to their ordinals only", async () => {
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

    it("uses the volume's actual zone for the PersistentVolume", async () => {
        const { result, of } = await record(make, world, { actualZones: { "jenkins-2": "eu-west-1a" } });
        assert.equal(result?.volumes[1]?.zone, "eu-west-1a");
        assert.match(
            JSON.stringify(of(persistentVolumeType)["jenkins-2"]!.inputs),
            /"values":\["eu-west-1a"\]/,
        );
    });

    it("warns of tags that the provider hides, in an update only", async () => {
        const shown = { Name: "x", KubernetesCluster: cluster, "ebs.csi.aws.com/cluster": "true" };
        const others = { [volumeType]: { tags: { ...shown, "ebs.csi.aws.com/cluster-name": cluster } } };
        const { logs } = await record(() => make({ count: 1 }), world, { others });
        assert.deepEqual(
            logs.map((line) => line.replace(/ every preview .*/, "")),
            [
                "volume jenkins-1 of ordinal 1 is given tags that the AWS provider doesn't show, " +
                    `kubernetes.io/cluster/${cluster}, kubernetes.io/created-for/pv/name:`,
            ],
        );
        assert.deepEqual((await record(() => make(), world)).logs, []);
        assert.deepEqual((await record(() => make(), world, { others, preview: true })).logs, []);
    });

    it("applies the settings of PersistentVolumes", async () => {
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

    it("sets no file system for volumeMode Block", async () => {
        const { of } = await record(() => make({ persistentVolume: { volumeMode: "Block" } }), world);
        const { spec } = of(persistentVolumeType)["jenkins-1"]!.inputs as {
            spec: { volumeMode: string; csi: object };
        };
        assert.equal(spec.volumeMode, "Block");
        assert.deepEqual(spec.csi, { driver: "ebs.csi.aws.com", volumeHandle: "vol-jenkins-1" });
    });

    const autoModeLabels = async (settings: object, options: object = {}) => {
        const persistentVolume = { csiDriver: CsiDriver.eksAutoMode, ...settings };
        const dynamicStorageClass = { name: "auto" };
        const { of } = await record(() => make({ persistentVolume, dynamicStorageClass }), world, options);
        const { tags } = of(volumeType)["jenkins-1"]!.inputs as { tags: Record<string, string> };
        assert.equal(tags["eks:eks-cluster-name"], cluster);
        const { spec } = of(persistentVolumeType)["jenkins-1"]!.inputs as {
            spec: { csi: { driver: string }; nodeAffinity: { required: { nodeSelectorTerms: object[] } } };
        };
        assert.equal(spec.csi.driver, "ebs.csi.eks.amazonaws.com");
        const { allowedTopologies } = of(classType)["jenkins-dynamic"]!.inputs as {
            allowedTopologies: object[];
        };
        return { node: spec.nodeAffinity.required.nodeSelectorTerms, allowedTopologies };
    };

    it("leads disks for EKS Auto Mode to its nodes, by the labels of zone and kind", async () => {
        const zone = "topology.kubernetes.io/zone";
        const kind = { key: "eks.amazonaws.com/compute-type", values: ["auto"] };
        const { node, allowedTopologies } = await autoModeLabels({}, { state: {} });
        assert.deepEqual(node, [
            {
                matchExpressions: [
                    { key: zone, operator: "In", values: ["eu-west-1c"] },
                    { ...kind, operator: "In" },
                ],
            },
        ]);
        assert.deepEqual(allowedTopologies, [
            { matchLabelExpressions: [{ key: zone, values: ["eu-west-1b", "eu-west-1c"] }, kind] },
        ]);
    });

    it("uses Auto Mode's own label for zones where it is given, or the state can't be read", async () => {
        const key = "topology.ebs.csi.eks.amazonaws.com/zone";
        for (const found of [
            await autoModeLabels({ zoneLabel: key }, { state: {} }),
            await autoModeLabels({}),
        ]) {
            assert.deepEqual(found, {
                node: [{ matchExpressions: [{ key, operator: "In", values: ["eu-west-1c"] }] }],
                allowedTopologies: [
                    { matchLabelExpressions: [{ key, values: ["eu-west-1b", "eu-west-1c"] }] },
                ],
            });
        }
    });

    it("accepts outputs as inputs", async () => {
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

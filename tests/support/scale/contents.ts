import { volumeTags } from "../../../components/plan/tags";

/** Numbers of objects of a cluster and its account. Every disk has a claim and a pod that uses it. */
export interface Amounts {
    readonly nodes: number;
    /** All pods, with those that use disks. */
    readonly pods: number;
    readonly disks: number;
}

export const clusterName = "large.k8s.local";
export const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/** A disk by its position: disks of ten storages, in turn. */
export function diskAt(index: number) {
    const [storage, ordinal] = [`storage-${index % 10}`, Math.floor(index / 10)];
    const name = `${storage}-${ordinal}`;
    const volumeId = `vol-0${index.toString(16).padStart(16, "0")}`;
    return { storage, ordinal, name, volumeId, zone: zones[ordinal % zones.length]!, claim: `data-${name}` };
}

/** Objects by path of their list, as long as real ones. */
export function objectAt(path: string, index: number, { nodes, disks }: Amounts): object {
    switch (path) {
        case "/api/v1/nodes":
            return node(index);
        case "/api/v1/pods":
            return pod(index, nodes, disks);
        case "/api/v1/persistentvolumes":
            return persistentVolume(index);
        case "/apis/storage.k8s.io/v1/csinodes":
            return csiNode(index);
        case "/apis/storage.k8s.io/v1/volumeattachments":
            return attachment(index, nodes);
        default:
            return claim(index);
    }
}

/** The output of `pulumi stack export` for all disks. */
export function stateOf({ disks }: Amounts): string {
    const [project, type] = [
        "zonal-persistent-storage",
        "zonal-persistent-storage:index:ZonalPersistentStorage",
    ];
    const parent = (storage: string) => `urn:pulumi:large::${project}::${type}::${storage}`;
    const all = Array.from({ length: disks }, (_, index) => diskAt(index));
    const resources = [
        {
            urn: `urn:pulumi:large::${project}::pulumi:pulumi:Stack::${project}-large`,
            type: "pulumi:pulumi:Stack",
        },
        ...[...new Set(all.map(({ storage }) => storage))].map((storage) => ({
            urn: parent(storage),
            type,
            inputs: { clusterName },
            outputs: {
                zones,
                volumes: all
                    .filter((one) => one.storage === storage)
                    .map(({ ordinal, zone, volumeId, name }) => ({
                        ordinal,
                        zone,
                        volumeId,
                        persistentVolumeName: name,
                    })),
            },
        })),
        ...all.flatMap(({ storage, name, volumeId, zone }) => {
            const child = (of: string, id: string, outputs: object) => ({
                urn: `urn:pulumi:large::${project}::${type}$${of}::${name}`,
                type: of,
                id,
                parent: parent(storage),
                outputs,
            });
            return [
                child("aws:ebs/volume:Volume", volumeId, {
                    availabilityZone: zone,
                    size: 100,
                    type: "gp3",
                    encrypted: true,
                    tags: volumeTags(clusterName, name),
                }),
                child("kubernetes:core/v1:PersistentVolume", name, {
                    metadata: { name },
                    spec: { csi: { volumeHandle: volumeId } },
                }),
            ];
        }),
    ];
    return JSON.stringify({ version: 3, deployment: { resources } });
}

/** As server-side apply and controllers leave it: about half of what an API server sends. */
function managedFields(length: number) {
    const fields = Array.from({ length }, (_, index) => [
        `k:{"name":"field-${index}"}`,
        { ".": {}, "f:name": {} },
    ]);
    return ["kubelet", "kube-controller-manager"].map((manager) => ({
        manager,
        operation: "Update",
        apiVersion: "v1",
        time: "2026-11-20T10:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:metadata": Object.fromEntries(fields) as object },
    }));
}

function metadata(name: string, index: number, fields: number, namespace?: string) {
    return {
        name,
        namespace,
        uid: `00000000-0000-4000-8000-${index.toString().padStart(12, "0")}`,
        resourceVersion: String(1_000_000 + index),
        creationTimestamp: "2026-11-20T10:00:00Z",
        annotations: { "example.com/checksum": "0123456789abcdef".repeat(4) },
        managedFields: managedFields(fields),
    };
}

function nodeName(index: number): string {
    return `ip-10-${index >> 16}-${(index >> 8) & 255}-${index & 255}.eu-west-1.compute.internal`;
}

function node(index: number) {
    const { labels, ...others } = {
        ...metadata(nodeName(index), index, 30),
        labels: {
            "topology.kubernetes.io/zone": zones[index % zones.length],
            "topology.kubernetes.io/region": "eu-west-1",
            "node.kubernetes.io/instance-type":
                ["m7g.large", "m7g.2xlarge", "c7g.4xlarge"][index % 7] ?? "r7g.large",
            "kubernetes.io/arch": "arm64",
            "kubernetes.io/os": "linux",
        },
    };
    const conditions = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map((type) => ({
        type,
        status: type === "Ready" ? "True" : "False",
        lastHeartbeatTime: "2026-11-21T10:00:00Z",
        lastTransitionTime: "2026-11-20T10:00:00Z",
        reason: `Kubelet${type}`,
        message: "kubelet has told so, in a sentence of this length",
    }));
    const images = Array.from({ length: 50 }, (_, image) => ({
        names: [
            `registry.example.com/team/service-${image}@sha256:${"0123456789abcdef".repeat(4)}`,
            `registry.example.com/team/service-${image}:v1.${image}.0`,
        ],
        sizeBytes: 100_000_000 + image,
    }));
    return {
        metadata: { ...others, labels },
        spec: { podCIDR: "100.96.0.0/24", providerID: `aws:///${zones[index % zones.length]}/i-${index}` },
        status: { capacity: { cpu: "2", memory: "8Gi", pods: "110" }, conditions, images },
    };
}

function csiNode(index: number) {
    const topologyKeys = ["kubernetes.io/os", "topology.kubernetes.io/zone"];
    const driver = {
        name: "ebs.csi.aws.com",
        nodeID: `i-${index}`,
        allocatable: { count: 25 },
        topologyKeys,
    };
    return { metadata: metadata(nodeName(index), index, 10), spec: { drivers: [driver] } };
}

function attachment(index: number, nodes: number) {
    return {
        metadata: metadata(`csi-${index.toString(16).padStart(64, "0")}`, index, 10),
        spec: {
            attacher: "ebs.csi.aws.com",
            nodeName: nodeName(nodeOf(index, nodes)),
            source: { persistentVolumeName: diskAt(index).name },
        },
        status: { attached: true, attachmentMetadata: { devicePath: "/dev/xvdaa" } },
    };
}

/** A node of the disk's zone: nodes take turns in the zones, too. */
function nodeOf(disk: number, nodes: number): number {
    return (diskAt(disk).ordinal % zones.length) + zones.length * (disk % Math.floor(nodes / zones.length));
}

function pod(index: number, nodes: number, disks: number) {
    const { name, claim } = diskAt(index);
    const hasDisk = index < disks;
    const onNode = hasDisk ? nodeOf(index, nodes) : index % nodes;
    const container = (which: string) => ({
        name: which,
        image: `registry.example.com/team/${which}:v1.2.3`,
        env: Array.from({ length: 12 }, (_, variable) => ({
            name: `SETTING_${variable}`,
            value: `value of the setting ${variable}`,
        })),
        resources: { limits: { memory: "512Mi" }, requests: { cpu: "100m", memory: "512Mi" } },
        volumeMounts: [
            { name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
        ],
        terminationMessagePath: "/dev/termination-log",
        imagePullPolicy: "IfNotPresent",
    });
    const kind = hasDisk ? "StatefulSet" : index % 10 === 0 ? "DaemonSet" : "ReplicaSet";
    return {
        metadata: {
            ...metadata(
                hasDisk ? name : `service-${index}`,
                index,
                35,
                hasDisk ? "data" : `team-${index % 50}`,
            ),
            ownerReferences: [{ apiVersion: "apps/v1", kind, name: "owner", uid: "1", controller: true }],
            labels: { app: "service", "pod-template-hash": "6b8d9f7c5" },
        },
        spec: {
            nodeName: nodeName(onNode),
            containers: [container("service"), container("sidecar")],
            volumes: [
                {
                    name: "token",
                    projected: { sources: [{ serviceAccountToken: { path: "token" } }], defaultMode: 420 },
                },
                ...(hasDisk ? [{ name: "data", persistentVolumeClaim: { claimName: claim } }] : []),
            ],
            tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }],
        },
        status: {
            phase: "Running",
            conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
                type,
                status: "True",
                lastTransitionTime: "2026-11-20T10:00:00Z",
            })),
            podIP: "100.96.0.1",
            containerStatuses: ["service", "sidecar"].map((which) => ({
                name: which,
                ready: true,
                restartCount: 0,
                image: `registry.example.com/team/${which}:v1.2.3`,
                imageID: `registry.example.com/team/${which}@sha256:${"0123456789abcdef".repeat(4)}`,
                state: { running: { startedAt: "2026-11-20T10:00:00Z" } },
            })),
        },
    };
}

function persistentVolume(index: number) {
    const { name, volumeId, zone, claim } = diskAt(index);
    const matchExpressions = [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }];
    return {
        metadata: metadata(name, index, 15),
        spec: {
            capacity: { storage: "100Gi" },
            accessModes: ["ReadWriteOnce"],
            persistentVolumeReclaimPolicy: "Retain",
            csi: { driver: "ebs.csi.aws.com", volumeHandle: volumeId, fsType: "ext4" },
            nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
            claimRef: { namespace: "data", name: claim },
        },
        status: { phase: "Bound" },
    };
}

function claim(index: number) {
    const { claim: name, name: volumeName } = diskAt(index);
    const storage = "100Gi";
    return {
        metadata: metadata(name, index, 15, "data"),
        spec: { accessModes: ["ReadWriteOnce"], volumeName, resources: { requests: { storage } } },
        status: { phase: "Bound", capacity: { storage } },
    };
}

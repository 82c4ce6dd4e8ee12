import type { Snapshot, Volume } from "@aws-sdk/client-ec2";
import type {
    V1CSINode,
    V1Node,
    V1PersistentVolume,
    V1PersistentVolumeClaim,
    V1Pod,
} from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import type { MapData } from "../../tools/map/mapData";
import { attachSlotsIn } from "../../tools/inspect/attachSlots";
import { readState } from "../../tools/inspect/state";
import { podsIn } from "../../tools/inspect/pods";

const at = new Date("2026-11-21T10:48:00Z");
const component = (storage: string) =>
    `urn:pulumi:dev::zonal-persistent-storage::zonal-persistent-storage:index:ZonalPersistentStorage::${storage}`;

/** A disk in EC2, in the cluster and in the state. */
export interface DiskSpec {
    readonly storage: string;
    readonly ordinal: number;
    readonly zone: string;
    readonly sizeGiB?: number;
    readonly type?: string;
    readonly encrypted?: boolean;
    /** Phase of its PersistentVolume. Defaults to Bound, with a claim and a pod. */
    readonly phase?: string;
    /** Minutes since its newest snapshot; none if undefined. */
    readonly snapshotAge?: number;
    /** Whether it is a volume that its disk was moved from. */
    readonly isKept?: boolean;
    readonly isGone?: boolean;
}

/** Id of a disk's volume. */
export function volumeIdOf({ storage, ordinal, isKept }: DiskSpec): string {
    const digits = [...`${storage}-${ordinal}${isKept ? "-kept" : ""}`].map((one) => one.charCodeAt(0));
    return `vol-0${digits
        .map((one) => one.toString(16))
        .join("")
        .padStart(16, "0")
        .slice(-16)}`;
}

/** The data of a map of these disks, with that many nodes in each zone. */
export function mapDataOf(disks: readonly DiskSpec[], nodes: Readonly<Record<string, number>>): MapData {
    const inCluster = disks.filter(({ isKept }) => !isKept);
    const bound = inCluster.filter(({ phase }) => phase === undefined);
    const allNodes = Object.entries(nodes).flatMap(([zone, count], position) =>
        Array.from({ length: count }, (_, index) => node(zone, `10-0-${position}-${index + 17}`)),
    );
    const cluster = {
        context: "proyecto.k8s.local",
        persistentVolumes: inCluster.map(persistentVolume),
        claims: bound.map(claim),
        pods: podsIn([...bound.map((disk) => pod(disk, allNodes)), ...allNodes.slice(0, 3).map(otherPod)]),
        nodes: allNodes,
    };
    return {
        state: stateOf(disks),
        cluster,
        attachSlots: attachSlotsIn({ csiNodes: allNodes.map(csiNode), attachments: [], cluster }),
        ec2: {
            region: Object.keys(nodes)[0]?.slice(0, -1) ?? "",
            volumes: disks.filter(({ isGone }) => !isGone).map(volume),
        },
        snapshots: disks.flatMap(snapshot),
        clusterNames: ["proyecto.k8s.local"],
        unseen: [],
        at,
    };
}

/** S2: the tutorial's StatefulSet, 5 disks in 2 zones. */
export function statefulSet(): MapData {
    const disks = [0, 1, 2, 3, 4].map((ordinal) => ({
        storage: "web",
        ordinal,
        zone: ordinal % 2 === 0 ? "eu-west-1b" : "eu-west-1c",
        sizeGiB: 1,
        snapshotAge: ordinal === 3 ? undefined : 460,
    }));
    return mapDataOf(disks, { "eu-west-1b": 1, "eu-west-1c": 2 });
}

function stateOf(disks: readonly DiskSpec[]): MapData["state"] {
    const storages = [...new Set(disks.map(({ storage }) => storage))];
    const resources = [
        {
            urn: "urn:pulumi:dev::zonal-persistent-storage::pulumi:pulumi:Stack::zonal-persistent-storage-dev",
            type: "pulumi:pulumi:Stack",
        },
        ...storages.map((storage) => ({
            urn: component(storage),
            type: "zonal-persistent-storage:index:ZonalPersistentStorage",
        })),
        ...disks.map((disk) => ({
            urn: `urn:pulumi:dev::p::t$aws:ebs/volume:Volume::${logicalName(disk, disks)}`,
            type: "aws:ebs/volume:Volume",
            id: volumeIdOf(disk),
            parent: component(disk.storage),
            protect: disk.storage !== "jenkins",
            retainOnDelete: disk.storage !== "jenkins",
            outputs: { availabilityZone: disk.zone, size: disk.sizeGiB },
        })),
    ];
    return readState(JSON.stringify({ deployment: { resources } }), "it");
}

/** A moved disk's first volume is still in the state. */
function logicalName({ storage, ordinal, isKept }: DiskSpec, disks: readonly DiskSpec[]): string {
    const wasMoved = disks.some((one) => one.isKept && one.storage === storage && one.ordinal === ordinal);
    return `${storage}-${ordinal}${wasMoved && !isKept ? "-moved-1" : ""}`;
}

function node(zone: string, address: string): V1Node {
    return {
        metadata: {
            name: `ip-${address}.eu-west-1.compute.internal`,
            labels: { [zoneLabel]: zone, "node.kubernetes.io/instance-type": "m7g.large" },
        },
        status: { conditions: [{ type: "Ready", status: "True" }] },
    };
}

/** As many slots as the driver reports of an m7g.large with two network interfaces. */
function csiNode({ metadata }: V1Node): V1CSINode {
    const drivers = [{ name: "ebs.csi.aws.com", nodeID: "", allocatable: { count: 25 } }];
    return { metadata: { name: metadata?.name }, spec: { drivers } };
}

function persistentVolume(disk: DiskSpec): V1PersistentVolume {
    const { storage, ordinal, sizeGiB = 10, phase = "Bound", zone } = disk;
    const matchExpressions = [{ key: zoneLabel, operator: "In", values: [zone] }];
    return {
        metadata: { name: `${storage}-${ordinal}` },
        spec: {
            capacity: { storage: `${sizeGiB}Gi` },
            csi: { driver: "ebs.csi.aws.com", volumeHandle: volumeIdOf(disk) },
            nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
            claimRef: { namespace: "shop", name: `www-${storage}-${ordinal}` },
        },
        status: { phase },
    };
}

function claim({ storage, ordinal }: DiskSpec): V1PersistentVolumeClaim {
    return { metadata: { namespace: "shop", name: `www-${storage}-${ordinal}` }, status: { phase: "Bound" } };
}

function pod({ storage, ordinal, zone }: DiskSpec, nodes: readonly V1Node[]): V1Pod {
    const where = nodes.find(({ metadata }) => metadata?.labels?.[zoneLabel] === zone);
    return {
        metadata: { namespace: "shop", name: `${storage}-${ordinal}` },
        spec: {
            containers: [],
            nodeName: where?.metadata?.name,
            volumes: [{ name: "www", persistentVolumeClaim: { claimName: `www-${storage}-${ordinal}` } }],
        },
        status: { phase: where ? "Running" : "Pending" },
    };
}

function otherPod({ metadata }: V1Node, index: number): V1Pod {
    return {
        metadata: { namespace: "kube-system", name: `coredns-${index}` },
        spec: { containers: [], nodeName: metadata?.name },
        status: { phase: "Running" },
    };
}

function volume(disk: DiskSpec): Volume {
    const { zone, sizeGiB = 10, type = "gp3", encrypted = true } = disk;
    return {
        VolumeId: volumeIdOf(disk),
        AvailabilityZone: zone,
        Size: sizeGiB,
        VolumeType: type as Volume["VolumeType"],
        Encrypted: encrypted,
        State: "in-use",
    };
}

function snapshot(disk: DiskSpec): Snapshot[] {
    const { snapshotAge } = disk;
    return snapshotAge === undefined
        ? []
        : [
              {
                  SnapshotId: volumeIdOf(disk).replace("vol", "snap"),
                  VolumeId: volumeIdOf(disk),
                  StartTime: new Date(at.getTime() - snapshotAge * 60_000),
              },
          ];
}

import type { Volume } from "@aws-sdk/client-ec2";
import type { V1Node, V1PersistentVolume } from "@kubernetes/client-node";
import { volumeTags } from "../../components/plan/tags";
import type { Inventory } from "../../tools/inspect/inventory";
import { readState } from "../../tools/inspect/state";

export const clusterName = "proyecto.k8s.local";
export const zones = { b: "eu-west-1b", c: "eu-west-1c" };

export function volume(id: string, owner: string, different: Partial<Volume> = {}): Volume {
    return {
        VolumeId: id,
        AvailabilityZone: zones.b,
        Size: 10,
        State: "available",
        CreateTime: new Date("2026-11-20T10:00:00Z"),
        Tags: tags(volumeTags(clusterName, owner)),
        ...different,
    };
}

export function tags(map: Record<string, string>) {
    return Object.entries(map).map(([Key, Value]) => ({ Key, Value }));
}

export function persistentVolume(name: string, volumeHandle: string, different: object = {}, zone = zones.b) {
    return {
        metadata: { name },
        spec: {
            csi: { driver: "ebs.csi.aws.com", volumeHandle },
            persistentVolumeReclaimPolicy: "Retain",
            nodeAffinity: {
                required: {
                    nodeSelectorTerms: [
                        {
                            matchExpressions: [
                                { key: "topology.kubernetes.io/zone", operator: "In", values: [zone] },
                            ],
                        },
                    ],
                },
            },
        },
        status: { phase: "Available" },
        ...different,
    } as V1PersistentVolume;
}

export function node(zone: string, different: { ready?: string; spec?: V1Node["spec"] } = {}): V1Node {
    return {
        metadata: { labels: { "topology.kubernetes.io/zone": zone } },
        spec: different.spec,
        status: { conditions: [{ type: "Ready", status: different.ready ?? "True" }] },
    };
}

export const component =
    "urn:pulumi:test::zonal-persistent-storage::zonal-persistent-storage:index:ZonalPersistentStorage::data";

/**
 * The state of a stack with these volumes and PersistentVolumes of the storage `data`.
 *
 * @param different - Fields of every volume.
 * @param ofStorage - Fields of the storage: its settings are `inputs`.
 */
export function state(
    volumes: Record<string, string>,
    persistentVolumes: Record<string, string>,
    different: object = {},
    ofStorage: object = {},
) {
    const child = (type: string, name: string, id: string) => ({
        urn: `${component.replace(/::data$/, "")}$${type}::${name}`,
        type,
        id,
        parent: component,
    });
    const resources = [
        {
            urn: "urn:pulumi:test::zonal-persistent-storage::pulumi:pulumi:Stack::zonal-persistent-storage-test",
            type: "pulumi:pulumi:Stack",
        },
        {
            urn: "urn:pulumi:test::zonal-persistent-storage::pulumi:providers:aws::default",
            type: "pulumi:providers:aws",
            inputs: { region: "eu-west-1" },
        },
        { urn: component, type: "zonal-persistent-storage:index:ZonalPersistentStorage", ...ofStorage },
        ...Object.entries(volumes).map(([name, id]) => ({
            ...child("aws:ebs/volume:Volume", name, id),
            outputs: { tags: volumeTags(clusterName, name.replace(/-moved-\d+$/, "")) },
            ...different,
        })),
        ...Object.entries(persistentVolumes).map(([name, volumeHandle]) => ({
            ...child("kubernetes:core/v1:PersistentVolume", name, name),
            outputs: { metadata: { name }, spec: { csi: { volumeHandle } } },
        })),
    ];
    return readState(JSON.stringify({ version: 3, deployment: { resources } }), "the stack's state");
}

/** Two healthy disks as the doctor sees them, but for what is given. */
export function seen({
    persistentVolumes = both,
    volumes = bothVolumes,
    nodes = [node(zones.b), node(zones.c)],
    state: read,
    clusterNames = [clusterName],
}: {
    persistentVolumes?: V1PersistentVolume[];
    volumes?: Volume[] | null;
    nodes?: V1Node[] | null;
    state?: Inventory["state"];
    clusterNames?: string[];
} = {}): Inventory {
    return {
        cluster: { context: "proyecto", persistentVolumes, claims: [], pods: [], nodes: nodes ?? undefined },
        ec2: volumes ? { region: "eu-west-1", volumes } : undefined,
        state: read,
        clusterNames,
    };
}

export const both = [persistentVolume("data-0", "vol-0"), persistentVolume("data-1", "vol-1")];
export const bothVolumes = [volume("vol-0", "data-0"), volume("vol-1", "data-1")];
export const allInState = state(
    { "data-0": "vol-0", "data-1": "vol-1" },
    { "data-0": "vol-0", "data-1": "vol-1" },
);

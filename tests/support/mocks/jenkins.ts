import { ZonalPersistentStorage } from "../../../components";
import type { ZonalPersistentStorageArgs } from "../../../components";
import type { World } from "./answers";

/** Types of the resources that the component creates. */
export const volumeType = "aws:ebs/volume:Volume";
export const persistentVolumeType = "kubernetes:core/v1:PersistentVolume";
export const classType = "kubernetes:storage.k8s.io/v1:StorageClass";

/** Pulumi's placeholder for a value that is unknown in a preview. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The cluster of the reference case: Jenkins on kops. */
export const cluster = "proyecto.k8s.local";
/** An instance, by default a running node of the cluster. */
export const node = (zone: string, group = `nodes.${cluster}`, state = "running") => ({
    zone,
    group,
    state,
    id: `i-${group}-${zone}-${state}`,
});
/** Nodes in b and c; in a instances that are not nodes of the cluster. */
export const world: World = {
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
/** Args for three disks. */
export const jenkins: ZonalPersistentStorageArgs = {
    clusterName: cluster,
    count: 3,
    start: 1,
    volume: { sizeGiB: 10, type: "gp2" },
    persistentVolume: { namePrefix: "manual-ebs", ordinalDigits: 2, labels: { type: "ebs" } },
    storageClass: { name: "manual-ebs" },
};

/** The component's message. That of the args themselves has its own heading. */
export const refusal = (lines: readonly string[]) => {
    const heading = 'ZonalPersistentStorage "jenkins" can\'t be made or updated:';
    return [...(lines[0]?.endsWith("from these args:") ? [] : [heading]), ...lines].join("\n");
};

/** Creates the component with changed args, and returns its outputs. */
export const make = (args: Partial<ZonalPersistentStorageArgs> = {}) => {
    const { zones, storageClassName, volumes } = new ZonalPersistentStorage("jenkins", {
        ...jenkins,
        ...args,
    });
    return { zones, storageClassName, volumes };
};

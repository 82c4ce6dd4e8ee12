import type { Volume } from "@aws-sdk/client-ec2";
import type { V1Node, V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { topologyKeys } from "../../components/plan/zoneLabels";
import { sh } from "../terminal/shell";
import type { State } from "./state";

/** Something that keeps a disk from being used or let go of, and the commands that mend it. */
export interface Finding {
    readonly what: string;
    readonly mend: readonly string[];
}

/** What a cluster holds, as far as disks go. */
export interface Cluster {
    /** Name of the kubeconfig's context that the rest was read with. */
    readonly context: string;
    readonly persistentVolumes: readonly V1PersistentVolume[];
    readonly claims: readonly V1PersistentVolumeClaim[];
    readonly pods: readonly V1Pod[];
    /** Undefined if the user isn't allowed to see them. */
    readonly nodes?: readonly V1Node[];
}

/** The volumes of an account's region, as far as they matter. */
export interface Ec2 {
    readonly region: string;
    /** Those that PersistentVolumes or the state name, and those with the tags of the clusters. */
    readonly volumes: readonly Volume[];
}

/** Everything that was looked at. */
export interface Seen {
    readonly cluster: Cluster;
    readonly ec2?: Ec2;
    readonly state?: State;
    /** Names that volumes have for the cluster, in their tag KubernetesCluster. */
    readonly clusterNames: readonly string[];
}

/** The tag with the name of the PersistentVolume that a volume was made for. */
export const ownerTag = "kubernetes.io/created-for/pv/name";

/** Whether a PersistentVolume is one for EBS that no provisioner made. */
export function isStatic({ metadata, spec }: V1PersistentVolume): boolean {
    const drivers: readonly (string | undefined)[] = Object.values(CsiDriver);
    return (
        drivers.includes(spec?.csi?.driver) &&
        metadata?.annotations?.["pv.kubernetes.io/provisioned-by"] === undefined
    );
}

/** Whether somebody has asked for its deletion. */
export function isGoing({ metadata }: V1PersistentVolume): boolean {
    return metadata?.deletionTimestamp !== undefined;
}

/** The EBS volume that a PersistentVolume is for, if it is for one. */
export function volumeIdOf({ spec }: V1PersistentVolume): string | undefined {
    // PersistentVolumes of the time before CSI have aws://<zone>/<id>.
    const [id] = /vol-\w+/.exec(spec?.csi?.volumeHandle ?? spec?.awsElasticBlockStore?.volumeID ?? "") ?? [];
    return id;
}

/** Zones that a PersistentVolume's node affinity asks for. */
export function zonesOf({ spec }: V1PersistentVolume): string[] {
    // The driver's nodes have its own label still, which is what older PersistentVolumes name.
    const keys = [...Object.values(topologyKeys), "topology.ebs.csi.aws.com/zone"];
    return (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [])
        .flatMap(({ matchExpressions = [] }) => matchExpressions)
        .filter(({ key, operator }) => keys.includes(key) && operator === "In")
        .flatMap(({ values = [] }) => values);
}

/** The volumes that exist, by id: one that is being deleted doesn't. */
export function volumesById({ volumes }: Ec2): Map<string, Volume> {
    const existing = volumes.filter(({ State }) => State !== "deleting" && State !== "deleted");
    return new Map(existing.map((volume) => [volume.VolumeId ?? "", volume]));
}

/** Tags of a volume as a map. */
export function tagsOf({ Tags = [] }: Volume): Record<string, string> {
    return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Name of an object, with its namespace if it is in one. */
export function nameOf({ metadata }: { metadata?: { namespace?: string; name?: string } }): string {
    return [metadata?.namespace, metadata?.name].filter(Boolean).join("/");
}

/** A command of the AWS CLI, which may have another region by default. */
export function awsEc2(command: string, { region }: Ec2): string {
    return `aws ec2 ${command} ${sh`--region=${region}`}`;
}

/**
 * Deletes a PersistentVolume and leaves its volume where it is.
 *
 * @param before - What has to be done first. It may let go of the PersistentVolume, which must keep its
 * volume by then.
 */
export function deletePersistentVolume(
    persistentVolume: V1PersistentVolume,
    before: readonly string[] = [],
): string[] {
    const name = nameOf(persistentVolume);
    const patch = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Retain" } });
    return [
        ...(persistentVolume.spec?.persistentVolumeReclaimPolicy === "Retain"
            ? []
            : [sh`kubectl patch pv/${name} --patch=${patch}`]),
        ...before,
        sh`kubectl delete pv/${name}`,
    ];
}

/** Deletes the claim that a PersistentVolume is bound to, if it is bound. */
export function endClaimOf({ spec, status }: V1PersistentVolume): string[] {
    const { namespace, name } = spec?.claimRef ?? {};
    return status?.phase === "Bound"
        ? ["end the pods of its claim, then", sh`kubectl delete pvc/${name} --namespace=${namespace}`]
        : [];
}

/** The first of many names. */
export function some(names: readonly string[]): string {
    const more = names.length - 5;
    return names.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Elements with the same key, by key. */
export function grouped<T>(elements: readonly T[], key: (element: T) => string): [string, T[]][] {
    const groups = new Map<string, T[]>();
    elements.forEach((one) => groups.set(key(one), [...(groups.get(key(one)) ?? []), one]));
    return [...groups];
}

import type { V1PersistentVolume } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { topologyKeys } from "../../components/plan/zoneLabels";

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

/** Name of an object, with its namespace if it is in one. */
export function nameOf({ metadata }: { metadata?: { namespace?: string; name?: string } }): string {
    return [metadata?.namespace, metadata?.name].filter(Boolean).join("/");
}

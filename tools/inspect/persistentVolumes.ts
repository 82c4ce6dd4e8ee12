import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { CsiDriver, ZoneLabel } from "../../components/args/persistentVolumeArgs";
import { lookup } from "./lookup";

/** Whether a PersistentVolume is for EBS and was created without a provisioner. */
export function isStatic({ metadata, spec }: V1PersistentVolume): boolean {
    const drivers: readonly (string | undefined)[] = Object.values(CsiDriver);
    return (
        drivers.includes(spec?.csi?.driver) &&
        metadata?.annotations?.["pv.kubernetes.io/provisioned-by"] === undefined
    );
}

/** Annotation with the reclaim policy that an adopted PersistentVolume had before. */
export const formerPolicyAnnotation = "zonal-persistent-storage/former-reclaim-policy";

/** Whether its deletion was requested. */
export function isBeingDeleted({ metadata }: V1PersistentVolume): boolean {
    return metadata?.deletionTimestamp !== undefined;
}

/** Id of a PersistentVolume's EBS volume. */
export function volumeIdOf({ spec }: V1PersistentVolume): string | undefined {
    // PersistentVolumes from before CSI have aws://<zone>/<id>.
    const [id] = /vol-\w+/.exec(spec?.csi?.volumeHandle ?? spec?.awsElasticBlockStore?.volumeID ?? "") ?? [];
    return id;
}

/** PersistentVolumes by the id of their volume. */
export const persistentVolumesOf = lookup<V1PersistentVolume>((one) => [volumeIdOf(one)]);

/** PersistentVolumes by name. */
export const persistentVolumesNamed = lookup<V1PersistentVolume>(({ metadata }) => [metadata?.name]);

/** Name of the claim that a PersistentVolume is reserved for, with its namespace. */
export function claimNameOf({ spec }: V1PersistentVolume): string | undefined {
    const { namespace, name } = spec?.claimRef ?? {};
    return name === undefined ? undefined : `${namespace}/${name}`;
}

/** PersistentVolumes by the claim that they are reserved for. */
export const persistentVolumesFor = lookup<V1PersistentVolume>((one) => [claimNameOf(one)]);

/** The claim of that name, if there is one. */
export function claimOf(
    persistentVolume: V1PersistentVolume,
    claims: readonly V1PersistentVolumeClaim[] | undefined,
): V1PersistentVolumeClaim | undefined {
    return claimsNamed(claims, claimNameOf(persistentVolume))[0];
}

const claimsNamed = lookup<V1PersistentVolumeClaim>((one) => [nameOf(one)]);

/** Zones in a PersistentVolume's node affinity. */
export function zonesOf({ spec }: V1PersistentVolume): string[] {
    // Older PersistentVolumes use the driver's own label, which its nodes still have.
    const keys = [...Object.values<string>(ZoneLabel), "topology.ebs.csi.aws.com/zone"];
    return (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [])
        .flatMap(({ matchExpressions = [] }) => matchExpressions)
        .filter(({ key, operator }) => keys.includes(key) && operator === "In")
        .flatMap(({ values = [] }) => values);
}

/** Name of an object, with its namespace if it has one. */
export function nameOf({ metadata }: { metadata?: { namespace?: string; name?: string } }): string {
    return [metadata?.namespace, metadata?.name].filter(Boolean).join("/");
}

import type { V1PersistentVolume } from "@kubernetes/client-node";
import { childTypes } from "../../components/engine/resourceTypes";
import type { Ec2 } from "../inspect/ec2";
import { nameOf } from "../inspect/persistentVolumes";
import { sh } from "../terminal/shell";

/** A command of the AWS CLI, with the region: its default may be another one. */
export function awsEc2(command: string, { region }: Ec2): string {
    return `aws ec2 ${command} ${sh`--region=${region}`}`;
}

/** The same for Data Lifecycle Manager. */
export function awsDlm(command: string, { region }: Ec2): string {
    return `aws dlm ${command} ${sh`--region=${region}`}`;
}

/** Imports a volume into the stack, as the type of resource by which it was made. */
export function importVolume(
    parent: { name: string; urn: string },
    name: string,
    id: string,
    sourceVolumeId: string | undefined,
): string {
    const type = sourceVolumeId ? childTypes.volumeCopy : childTypes.volume;
    return sh`pulumi import --parent=${parent.name}=${parent.urn} --protect=false --generate-code=false -- ${type} ${name} ${id}`;
}

/** Sets the reclaim policy with which nobody who deletes the claim deletes the volume. */
export function keepVolume(persistentVolume: V1PersistentVolume): string {
    const patch = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Retain" } });
    return sh`kubectl patch pv/${nameOf(persistentVolume)} --patch=${patch}`;
}

/**
 * Deletes a PersistentVolume and keeps its volume.
 *
 * @param before - Steps to do first. They may release the PersistentVolume, so its reclaim policy is Retain by then.
 */
export function deletePersistentVolume(
    persistentVolume: V1PersistentVolume,
    before: readonly string[] = [],
): string[] {
    const name = nameOf(persistentVolume);
    return [
        ...(persistentVolume.spec?.persistentVolumeReclaimPolicy === "Retain"
            ? []
            : [keepVolume(persistentVolume)]),
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

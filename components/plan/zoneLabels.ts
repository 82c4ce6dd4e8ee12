import { CsiDriver, ZoneLabel } from "../args/persistentVolumeArgs";

/** The label for zones that Kubernetes, both CSI drivers and Karpenter agree on. */
export const zoneLabel = ZoneLabel.kubernetes;

/** A label that nodes have, and its values. */
export interface NodeLabel<Values> {
    readonly key: string;
    readonly values: Values;
}

/**
 * The labels of the nodes that can attach a driver's volumes. Only Auto Mode's driver has to say which nodes, since a
 * cluster may have others beside them; its own label for zones says so already.
 */
export function nodeLabels<Values>(
    driver: CsiDriver,
    key: ZoneLabel,
    zones: Values,
): NodeLabel<Values | string[]>[] {
    return [
        { key, values: zones },
        // As https://github.com/awslabs/eks-auto-mode-ebs-migration-tool v0.5.2 and AWS' example of a StorageClass have
        // it (https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html), read on 2026-11-27.
        ...(driver === CsiDriver.eksAutoMode && key === zoneLabel
            ? [{ key: "eks.amazonaws.com/compute-type", values: ["auto"] }]
            : []),
    ];
}

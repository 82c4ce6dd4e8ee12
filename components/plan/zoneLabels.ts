import { CsiDriver } from "../args/persistentVolumeArgs";

/** The label for zones that Kubernetes, the EBS CSI driver and Karpenter agree on. */
export const zoneLabel = "topology.kubernetes.io/zone";

/** The label by which a driver's nodes tell their zone, which a PersistentVolume's affinity has to name. */
export const topologyKeys: Readonly<Record<CsiDriver, string>> = {
    [CsiDriver.ebs]: zoneLabel,
    // https://github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/2331
    [CsiDriver.eksAutoMode]: "topology.ebs.csi.eks.amazonaws.com/zone",
};

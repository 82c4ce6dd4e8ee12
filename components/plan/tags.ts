import { CsiDriver } from "../args/persistentVolumeArgs";

/**
 * Tags that the volume's users rely on.
 *
 * - `KubernetesCluster`: kops' IAM policy for the EBS CSI driver.
 * - `kubernetes.io/cluster/<cluster>`: `kops delete cluster` deletes every volume with the tag before, but
 *   for those that this one calls shared (kops 268927e, pkg/resources/aws/aws.go, ListVolumes; since kops 1.18).
 * - `ebs.csi.aws.com/cluster`: the driver's IAM policy AmazonEBSCSIDriverPolicyV2; `ebs.csi.aws.com/cluster-name`:
 *   AmazonEBSCSIDriverEKSClusterScopedPolicy.
 * - `eks:eks-cluster-name`: the driver of EKS Auto Mode, for volumes that it didn't create.
 * - `kubernetes.io/created-for/...`: what dynamically provisioned volumes carry too.
 */
export function volumeTags(
    clusterName: string,
    persistentVolume: string,
    csiDriver: CsiDriver = CsiDriver.ebs,
    claim?: { readonly namespace: string; readonly name: string },
): Record<string, string> {
    return {
        Name: `${persistentVolume}.${clusterName}`,
        KubernetesCluster: clusterName,
        [`kubernetes.io/cluster/${clusterName}`]: "shared",
        "ebs.csi.aws.com/cluster": "true",
        "ebs.csi.aws.com/cluster-name": clusterName,
        ...(csiDriver === CsiDriver.eksAutoMode && { "eks:eks-cluster-name": clusterName }),
        "kubernetes.io/created-for/pv/name": persistentVolume,
        ...(claim && {
            "kubernetes.io/created-for/pvc/name": claim.name,
            "kubernetes.io/created-for/pvc/namespace": claim.namespace,
        }),
    };
}

/** Names of the clusters whose volume it is by its tags: kops', the EBS CSI driver's and Kubernetes' own. */
export function clustersIn(tags: Readonly<Record<string, string>>): string[] {
    const { KubernetesCluster, "ebs.csi.aws.com/cluster-name": ofDriver, ...others } = tags;
    const owning = Object.entries(others).flatMap(([key, value]) => {
        const [, cluster] = /^kubernetes\.io\/cluster\/(.+)$/.exec(key) ?? [];
        return value === "owned" && cluster !== undefined ? [cluster] : [];
    });
    return [KubernetesCluster, ofDriver, ...owning].filter((name) => name !== undefined);
}

/** The tag by which a storage's volumes are backed up. */
export const backupTag = "zonal-persistent-storage/backup";

/** Whether a tag is one that the component sets, or EC2 keeps to itself. `Name` is the user's to change. */
export function isReservedTag(key: string): boolean {
    return /^(KubernetesCluster$|aws:|eks:|zonal-persistent-storage\/|ebs\.csi\.aws\.com\/|kubernetes\.io\/(cluster|created-for)\/)/.test(
        key,
    );
}

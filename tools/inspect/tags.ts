import type { Volume } from "@aws-sdk/client-ec2";
import { volumeTags } from "../../components/plan/tags";

/** Tag with the name of the PersistentVolume that a volume was created for. */
export const ownerTag = "kubernetes.io/created-for/pv/name";

/** Whether a volume has the component's tags. The EBS CSI driver gives a tag of its own to those that it makes. */
export function isOfComponent(tags: Readonly<Record<string, string>>): boolean {
    const { KubernetesCluster, CSIVolumeName, [ownerTag]: owner } = tags;
    const { "ebs.csi.aws.com/cluster": ours } = volumeTags("", "");
    return (
        KubernetesCluster !== undefined &&
        CSIVolumeName === undefined &&
        owner !== undefined &&
        tags["ebs.csi.aws.com/cluster"] === ours
    );
}

/** Tags of a volume or a snapshot as a map. */
export function tagsOf({ Tags = [] }: Pick<Volume, "Tags">): Record<string, string> {
    return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

import type { Volume } from "@aws-sdk/client-ec2";
import { volumeTags } from "../../components/plan/tags";

/** Tag with the name of the PersistentVolume that a volume was created for. */
export const ownerTag = "kubernetes.io/created-for/pv/name";

/** Whether a volume has the component's tags, as it makes or adopts a volume: the EBS CSI driver's own has others. */
export function isOfComponent(tags: Readonly<Record<string, string>>): boolean {
    const { KubernetesCluster: cluster, [ownerTag]: owner } = tags;
    if (cluster === undefined || owner === undefined) {
        return false;
    }
    // The name is the user's to change.
    const { Name: _, ...wanted } = volumeTags(cluster, owner);
    return Object.entries(wanted).every(([key, value]) => tags[key] === value);
}

/** Tags of a volume or a snapshot as a map. */
export function tagsOf({ Tags = [] }: Pick<Volume, "Tags">): Record<string, string> {
    return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

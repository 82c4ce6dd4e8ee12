import type { Volume } from "@aws-sdk/client-ec2";

/** Tag with the name of the PersistentVolume that a volume was created for. */
export const ownerTag = "kubernetes.io/created-for/pv/name";

/** Tags of a volume or a snapshot as a map. */
export function tagsOf({ Tags = [] }: Pick<Volume, "Tags">): Record<string, string> {
    return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

import { CreateTagsCommand, DeleteTagsCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { tagList, changedTags } from "./tags";

/** Updates the tags of a volume or a snapshot, with the same calls as the provider. */
export async function updateTags(ec2: EC2Client, id: string, before: unknown, after: unknown): Promise<void> {
    const { gone, changed } = changedTags(before, after);
    if (gone.length > 0) {
        await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: gone.map((Key) => ({ Key })) }));
    }
    if (Object.keys(changed).length > 0) {
        await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(changed) }));
    }
}

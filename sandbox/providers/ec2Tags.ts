import { CreateTagsCommand, DeleteTagsCommand } from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { asTags } from "./tags";

/** Makes the tags of a volume or a snapshot what they are to be, with as few calls as the provider. */
export async function updateTags(ec2: EC2Client, id: string, before: unknown, after: unknown): Promise<void> {
    const [had, wanted] = [before ?? {}, after ?? {}] as [Record<string, string>, Record<string, string>];
    const gone = Object.keys(had).filter((key) => wanted[key] === undefined);
    if (gone.length > 0) {
        await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: gone.map((Key) => ({ Key })) }));
    }
    const changed = Object.entries(wanted).filter(([key, value]) => had[key] !== value);
    if (changed.length > 0) {
        const Tags = asTags(Object.fromEntries(changed));
        await ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
    }
}

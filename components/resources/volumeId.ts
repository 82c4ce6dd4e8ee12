import type * as aws from "@pulumi/aws";
import { all, output, runtime } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import { runsWithEngine } from "../engine/monitor";
import { mockError } from "../validation/mocks";

/**
 * The id of a volume.
 *
 * @throws RunError, in the output, if the mocks of a unit test give it none: whoever waits for it would wait for ever.
 */
export function idOf({ id }: Pick<aws.ebs.Volume, "id">, logicalName: string): Output<string> {
    return runsWithEngine() || runtime.isDryRun()
        ? id
        : all([id, output(refuseUnknown(id, logicalName))]).apply(([known]) => known);
}

async function refuseUnknown(id: Output<string>, logicalName: string): Promise<void> {
    const { id: serialized } = await runtime.serializeProperties(logicalName, { id });
    if (serialized === runtime.unknownValue) {
        const missing = { id: `must be the id of volume ${logicalName}` };
        throw mockError("aws:ebs/volume:Volume", missing, "add it to what `newResource` returns");
    }
}

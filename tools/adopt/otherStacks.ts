import { z } from "zod";
import { Pulumi, stdoutOrThrow } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { readState } from "../inspect/state";

/** Volumes of the project's other stacks. */
export interface OtherStacks {
    /** Storages, with the names of their stacks, by the ids of their volumes. */
    readonly byVolume: ReadonlyMap<string, { readonly stack: string; readonly storage: string }>;
    /** A line for each stack that couldn't be read. */
    readonly unseen: readonly string[];
}

const stacksSchema = z.array(z.object({ name: z.string() }));

/** Stacks that are read at the same time. */
const atOnce = 4;

/** Reads the states of the other stacks of a stack's project. A stack of another project can't be found from here. */
export async function readOtherStacks(
    pulumi: Pulumi,
    { environment }: Pick<Clients, "environment">,
    stack: string,
): Promise<OtherStacks> {
    const listed: unknown = JSON.parse(stdoutOrThrow(await pulumi.ask(["stack", "ls", "--json"])));
    const others = stacksSchema
        .parse(listed)
        .map(({ name }) => name)
        .filter((name) => lastPart(name) !== lastPart(stack));
    const byVolume = new Map<string, { stack: string; storage: string }>();
    const unseen: string[] = [];
    const read = async (name: string) => {
        try {
            const other = new Pulumi(environment, name, () => undefined);
            const state = readState(stdoutOrThrow(await other.ask(["stack", "export"])), name);
            [...state.volumes, ...state.persistentVolumes].forEach(({ storage, volumeId }) =>
                storage && volumeId !== undefined
                    ? byVolume.set(volumeId, { stack: name, storage: storage.name })
                    : undefined,
            );
        } catch (error) {
            unseen.push(`could not see whether stack ${name} has these disks: ${messageOf(error)}`);
        }
    };
    for (let first = 0; first < others.length; first += atOnce) {
        await Promise.all(others.slice(first, first + atOnce).map(read));
    }
    return { byVolume, unseen };
}

/** A stack's name without its organization and project. */
function lastPart(stack: string): string {
    return stack.split("/").at(-1) ?? stack;
}

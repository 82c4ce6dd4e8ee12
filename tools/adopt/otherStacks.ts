import { z } from "zod";
import { Pulumi, stdoutOrThrow } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { fewAtOnce } from "../inspect/fewAtOnce";
import { readState } from "../inspect/state";
import type { State } from "../inspect/state";

/** A storage of another stack. */
interface Owner {
    readonly stack: string;
    readonly storage: string;
}

/** Storages by the ids of their volumes. */
type Owners = ReadonlyMap<string, Owner>;

/** Volumes of the project's other stacks. */
export interface OtherStacks {
    /** Their storages, by the ids of their volumes. */
    readonly byVolume: Owners;
    /** A line for each stack that couldn't be read. */
    readonly unseen: readonly string[];
    /** The storages of each stack by the ids of their volumes, by what the list of stacks says of the stack. */
    readonly byListing: ReadonlyMap<string, Owners>;
}

const stacksSchema = z.array(
    z.looseObject({
        name: z.string(),
        lastUpdate: z.string().optional(),
        updateInProgress: z.boolean().optional(),
    }),
);

/**
 * Reads the states of the other stacks of a stack's project. A stack of another project can't be found from here.
 *
 * @param before - What was read before: stacks without an update since then aren't read again.
 */
export async function readOtherStacks(
    pulumi: Pulumi,
    { environment }: Pick<Clients, "environment">,
    stack: string,
    before?: OtherStacks,
): Promise<OtherStacks> {
    const listed: unknown = JSON.parse(stdoutOrThrow(await pulumi.ask(["stack", "ls", "--json"])));
    const others = stacksSchema.parse(listed).filter(({ name }) => lastPart(name) !== lastPart(stack));
    const read = async (name: string) => {
        try {
            const other = new Pulumi(environment, name, () => undefined);
            return ownersIn(readState(stdoutOrThrow(await other.ask(["stack", "export"])), name), name);
        } catch (error) {
            return `could not see whether stack ${name} has these disks: ${messageOf(error)}`;
        }
    };
    const answers = await fewAtOnce(others, async (one): Promise<[string, Owners | string]> => {
        const { name, lastUpdate, updateInProgress } = one;
        const key = JSON.stringify(one);
        const isSettled = lastUpdate !== undefined && !updateInProgress;
        return [key, (isSettled ? before?.byListing.get(key) : undefined) ?? (await read(name))];
    });
    const byListing = new Map(
        answers.flatMap(([key, owners]) => (typeof owners === "string" ? [] : [[key, owners] as const])),
    );
    return {
        byVolume: new Map([...byListing.values()].flatMap((owners) => [...owners])),
        unseen: answers.flatMap(([, owners]) => (typeof owners === "string" ? [owners] : [])),
        byListing,
    };
}

function ownersIn({ volumes, persistentVolumes }: State, stack: string): Owners {
    return new Map(
        [...volumes, ...persistentVolumes].flatMap(({ storage, volumeId }): [string, Owner][] =>
            storage && volumeId !== undefined ? [[volumeId, { stack, storage: storage.name }]] : [],
        ),
    );
}

/** A stack's name without its organization and project. */
function lastPart(stack: string): string {
    return stack.split("/").at(-1) ?? stack;
}

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

/** Volumes of the project's other stacks. */
export interface OtherStacks {
    /** Their storages, by the ids of their volumes. */
    readonly byVolume: ReadonlyMap<string, Owner>;
    /** A line for each stack that couldn't be read. */
    readonly unseen: readonly string[];
    /** The storages of each stack by the ids of their volumes, by what the list of stacks says of the stack. */
    readonly byListing: ReadonlyMap<string, ReadonlyMap<string, Owner>>;
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
    const unseen: string[] = [];
    const read = async (name: string) => {
        try {
            const other = new Pulumi(environment, name, () => undefined);
            return ownersIn(readState(stdoutOrThrow(await other.ask(["stack", "export"])), name), name);
        } catch (error) {
            unseen.push(`could not see whether stack ${name} has these disks: ${messageOf(error)}`);
            return undefined;
        }
    };
    const byListing = await fewAtOnce(
        others,
        async (one): Promise<[string, ReadonlyMap<string, Owner>][]> => {
            const { name, lastUpdate, updateInProgress } = one;
            const key = JSON.stringify(one);
            const isSettled = lastUpdate !== undefined && !updateInProgress;
            const owners = (isSettled ? before?.byListing.get(key) : undefined) ?? (await read(name));
            return owners ? [[key, owners]] : [];
        },
    );
    const found = byListing.flat();
    return {
        byVolume: new Map(found.flatMap(([, owners]) => [...owners])),
        unseen,
        byListing: new Map(found),
    };
}

function ownersIn({ volumes, persistentVolumes }: State, stack: string): ReadonlyMap<string, Owner> {
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

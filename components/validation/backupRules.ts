import { output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { ArgsFacts } from "../schema/argsSchema";
import { listIn, mapIn, textIn } from "./facts";
import { formatProblem, userError } from "./problems";
import type { Problem } from "./problems";
import { whenKnown } from "./secrets";

/** Each region has one copy: a second one would be another bill for the same. */
export function copyProblems(backup: ArgsFacts["backup"]): Problem[] {
    const copies = copiesOf(backup);
    const rule = "must be a region without a copy so far";
    return copies
        .filter(({ got }, index) => copies.findIndex((copy) => copy.got === got) < index)
        .map((copy) => ({ ...copy, rule }));
}

/** Copies are for other regions than the storage's own, and from other ones. */
export function ownRegionProblems({ backup, volume }: Partial<ArgsFacts>, region: unknown): Problem[] {
    const rule = "must be another region than that of the storage";
    const source = { path: ["volume", "from", "region"], got: textIn(mapIn(mapIn(volume).from).region) };
    return [...copiesOf(backup), source]
        .filter(({ got }) => got !== undefined && got === region)
        .map((copy) => ({ ...copy, rule }));
}

function copiesOf(backup: ArgsFacts["backup"]): { path: string[]; got: string }[] {
    return listIn(mapIn(backup).copies).flatMap(({ region }, index) => {
        const got = textIn(region);
        return got === undefined ? [] : [{ path: ["backup", "copies", String(index), "region"], got }];
    });
}

/**
 * The same where the AWS provider alone says which region it is.
 *
 * @throws RunError, in the output, if a copy is for it.
 */
export function checkCopies(
    name: string,
    { backup, volume, region }: ZonalPersistentStorageArgs,
    actual: Output<string>,
): Output<void> {
    // Where the args say it, it has been checked with them.
    const { copies } = backup ?? {};
    const { from } = volume;
    if ((copies === undefined && from?.region === undefined) || region !== undefined) {
        return output(undefined);
    }
    return whenKnown({ copies, from, actual }, ({ copies, from, actual: known }) => {
        const problems = ownRegionProblems({ backup: { copies }, volume: { from } }, known);
        if (problems.length > 0) {
            const lines = problems.map((problem) => formatProblem(problem));
            throw userError(`the copies of ${JSON.stringify(name)} can't be made`, lines);
        }
    });
}

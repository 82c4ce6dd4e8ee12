import { output } from "@pulumi/pulumi/output";
import type { Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { argsFacts } from "../schema/argsSchema";
import type { ArgsFacts } from "../schema/argsSchema";
import { copiesOf } from "./backupRules";
import { entriesIn, listIn, mapIn, textIn } from "./facts";
import { formatProblem, refuseProblems } from "./problems";
import type { Problem } from "./problems";
import { failureOf } from "./secrets";

/** Copies are for other regions than the storage's own, and from other ones; keys are of its own. */
export function regionProblems(facts: Partial<ArgsFacts>, region: unknown): Problem[] {
    const source = {
        path: ["volume", "from", "region"],
        got: textIn(mapIn(mapIn(facts.volume).from).region),
    };
    const own = [...copiesOf(facts.backup), source].filter(({ got }) => got !== undefined && got === region);
    const foreign = keysOf(facts).filter(({ got }) => typeof region === "string" && regionOf(got) !== region);
    return [
        ...own.map((one) => ({ ...one, rule: "must be another region than that of the storage" })),
        ...foreign.map((one) => ({
            ...one,
            rule: `must be a key of the storage's region, ${String(region)}`,
        })),
    ];
}

/**
 * The same where the AWS provider alone says which region it is.
 *
 * @returns a failure if a copy is for it, or a key isn't; undefined otherwise.
 */
export function checkRegions(
    args: ZonalPersistentStorageArgs,
    actual: Output<string>,
): Output<string | undefined> {
    const { copies } = args.backup ?? {};
    const { from } = args.volume;
    const facts = argsFacts.parse(args);
    const isAsked = copies !== undefined || from?.region !== undefined || keysOf(facts).length > 0;
    // Where the args say it, it has been checked with them.
    if (!isAsked || args.region !== undefined) {
        return output(undefined);
    }
    return failureOf({ copies, from, actual }, ({ copies, from, actual: known }) => {
        const volume = { ...mapIn(facts.volume), from };
        const problems = regionProblems({ ...facts, backup: { copies }, volume }, known);
        const lines = problems.map((problem) => formatProblem(problem));
        refuseProblems(`settings don't go with the storage's region, ${known}`, lines);
    });
}

/** The keys that are known, with their paths. EC2 looks for one only after it has answered that it makes the volume. */
function keysOf({ volume, overrides }: Partial<ArgsFacts>): { path: string[]; got: string }[] {
    const keyIn = (path: string[], key: unknown) => {
        const got = textIn(key);
        return got === undefined ? [] : [{ path: [...path, "kmsKeyId"], got }];
    };
    return [
        ...keyIn(["volume"], mapIn(volume).kmsKeyId),
        ...entriesIn(overrides).flatMap(([ordinal, override]) => {
            const { kmsKeyId, moves } = mapIn(override);
            const path = ["overrides", ordinal];
            return [
                ...keyIn(path, kmsKeyId),
                ...listIn(moves).flatMap((move, index) =>
                    keyIn([...path, "moves", String(index)], mapIn(move).kmsKeyId),
                ),
            ];
        }),
    ];
}

/** The region in a key's ARN. */
function regionOf(key: string): string | undefined {
    return key.split(":")[3];
}

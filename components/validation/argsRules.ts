import { all, output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import type { z } from "zod";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { argsSchema, schemaProblems } from "./argsSchema";
import { copyProblems, ownRegionProblems } from "./backupRules";
import { isDeferred } from "../args/deferred";
import { nameRules } from "./nameRules";
import { nodesProblems } from "./nodesRules";
import { formatProblem, leftOut, userError } from "./problems";
import type { Problem } from "./problems";
import { hiding, secretPaths } from "./secrets";
import { tagRules } from "./tagRules";
import { asMap, ordinalsIn } from "./unchecked";
import type { Unchecked } from "./unchecked";
import { volumeRules } from "./volumeRules";

/**
 * The args, if nothing is wrong with them as far as their values are known by now.
 *
 * @throws RunError that lists every problem.
 */
export function checkArgs(name: string, args: ZonalPersistentStorageArgs): ZonalPersistentStorageArgs {
    refuse(
        name,
        argsProblems(argsSchema, name, args).map((problem) => formatProblem(problem)),
    );
    return args;
}

/**
 * The same once all values are known.
 *
 * @throws RunError, in the output, that lists every problem, without a value that is secret.
 */
export function checkKnownArgs(name: string, args: ZonalPersistentStorageArgs): Output<void> {
    return all([output(args), secretPaths(args)]).apply(([known, paths]) => {
        const hide = hiding(known, paths);
        const problems = argsProblems(argsSchema, name, known, args);
        refuse(
            name,
            problems.map((problem) => hide(formatSecretProblem(problem, paths))),
        );
    });
}

/** A problem as a line without what is at these paths: neither the value nor a key in it. */
function formatSecretProblem(problem: Problem, paths: readonly (readonly string[])[]): string {
    const startsWith = (path: readonly string[], start: readonly string[]) =>
        start.every((key, index) => path[index] === key);
    const outer = paths.find((path) => startsWith(problem.path, path));
    const isInside = paths.some((path) => startsWith(path, problem.path));
    const setting = problem.path.at(-1) ?? "";
    // Limits are made of each other: 500 IOPS for each GiB say how many GiB there are.
    const isLimit = limited.includes(setting) && paths.some((path) => limited.includes(path.at(-1) ?? ""));
    const rule = isLimit
        ? "must be within the limits of the volume's type and its other settings"
        : problem.rule;
    return formatProblem(
        { ...problem, rule, path: outer ?? problem.path },
        [],
        outer !== undefined || isInside,
    );
}

const limited: readonly string[] = ["type", "sizeGiB", "iops", "throughputMiBps"];

function refuse(name: string, lines: readonly string[]): void {
    if (lines.length > 0) {
        throw userError(
            `ZonalPersistentStorage ${JSON.stringify(name)} can't be made from these args`,
            lines,
        );
    }
}

/**
 * Everything that is wrong with a component's name and args, as far as their values are known: first
 * what the schema says of each setting, then how they go together.
 *
 * @param given - The args as the user gave them, where some values came later.
 */
export function argsProblems(
    schema: z.ZodType,
    name: string,
    args: unknown,
    given: unknown = args,
): Problem[] {
    const shape = schemaProblems(schema, args);
    const known = asMap(args) as Unchecked;
    const together = [
        nodesProblems(known.nodes, known.clusterName),
        placementProblems(known, asMap(given)),
        nameRules(name, known),
        volumeRules(known),
        tagRules(known),
        copyProblems(known.backup),
        ownRegionProblems(known.backup, known.region),
        blockProblems(known),
    ];
    return mergedProblems(shape, together.flat());
}

/** What the schema has already refused needs no second word. */
export function mergedProblems(shape: readonly Problem[], together: readonly Problem[]): Problem[] {
    const refused = new Set(shape.map(({ path }) => path.join(".")));
    return [...shape, ...together.filter(({ path }) => path.length === 0 || !refused.has(path.join(".")))];
}

/** Zones by ordinal leave nothing to choose, and those that the user writes are this storage's. */
function placementProblems(known: Unchecked, given: Unchecked): Problem[] {
    const { placement, zoneByOrdinal } = known;
    if (zoneByOrdinal === undefined) {
        return [];
    }
    const ordinals = ordinalsIn(known);
    // Those of another storage may be more.
    const isOwn = ordinals.length > 0 && !isDeferred(given.zoneByOrdinal);
    const keys = new Set(ordinals.map(String));
    const rule = isOwn
        ? `must belong to an ordinal of this storage, ${ordinals[0]} to ${ordinals.at(-1)}`
        : "must belong to an ordinal, a whole number";
    const strangers = Object.entries(asMap(isDeferred(zoneByOrdinal) ? {} : zoneByOrdinal))
        .filter(([key]) => !(isOwn ? keys.has(key) : /^(0|[1-9]\d{0,4})$/.test(key)))
        .map(([key, got]) => ({ path: ["zoneByOrdinal", key], rule, got }));
    return [...leftOut([], { placement }, "beside zoneByOrdinal"), ...strangers];
}

/** A block device has no file system to make or to mount. */
function blockProblems(args: Unchecked): Problem[] {
    const { volumeMode, fsType, mountOptions } = asMap(args.persistentVolume);
    return volumeMode === "Block"
        ? leftOut(["persistentVolume"], { fsType, mountOptions }, "for volumeMode Block")
        : [];
}

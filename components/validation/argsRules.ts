import { CsiDriver, ZoneLabel } from "../args/persistentVolumeArgs";
import { all, output } from "@pulumi/pulumi/output";
import type { Output } from "@pulumi/pulumi";
import type { z } from "zod";
import { hasDeferred, isDeferred } from "../args/deferred";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { argsFacts, argsSchema } from "../schema/argsSchema";
import type { ArgsFacts } from "../schema/argsSchema";
import { isMap } from "../schema/schemaParts";
import { copyProblems } from "./backupRules";
import { entriesIn, mapIn, ordinalsIn } from "./facts";
import { nameRules } from "./nameRules";
import { nodesProblems } from "./nodesRules";
import { parse } from "./parse";
import type { Parsed } from "./parse";
import { formatProblem, notAllowed, userError } from "./problems";
import type { Problem } from "./problems";
import { hiding, secretPaths } from "./secrets";
import { regionProblems } from "./regionRules";
import { tagRules } from "./tagRules";
import { volumeRules } from "./volumeRules";

/**
 * The args, if nothing is wrong with them as far as their values are known by now.
 *
 * @throws RunError that lists every problem.
 */
export function checkedArgs(name: string, args: ZonalPersistentStorageArgs): ZonalPersistentStorageArgs {
    const { value, problems } = parseArgs(argsSchema, name, args);
    if (problems) {
        throw unusable(
            name,
            problems.map((problem) => formatProblem(problem)),
        );
    }
    return value;
}

/**
 * The same once all values are known, where some come later.
 *
 * @returns a failure that lists every problem, without a value that is secret; undefined if there is none.
 */
export function checkKnownArgs(name: string, args: ZonalPersistentStorageArgs): Output<string | undefined> {
    if (!hasDeferred(args)) {
        return output(undefined);
    }
    return all([output(args), secretPaths(args)]).apply(([known, paths]) => {
        const { problems } = parseArgs(argsSchema, name, known, args);
        const hide = hiding(known, paths);
        const lines = problems?.map((problem) => hide(formatSecretProblem(problem, paths)));
        return lines && unusable(name, lines).message;
    });
}

/** A problem as a line without the values and keys at these paths. */
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

function unusable(name: string, lines: readonly string[]): Error {
    return userError(`ZonalPersistentStorage ${JSON.stringify(name)} can't be made from these args`, lines);
}

/**
 * A component's args, or everything that is wrong with its name and them, as far as their values are known: first what
 * the schema says of each setting, then how they go together.
 *
 * @param given - The args as the user gave them, where some values came later.
 */
export function parseArgs<T>(
    schema: z.ZodType<T>,
    name: string,
    args: unknown,
    given: unknown = args,
): Parsed<T> {
    const facts = argsFacts.parse(args);
    const isZonesOwn = !(isMap(given) && isDeferred(given["zoneByOrdinal"]));
    return parse(schema, args, [
        ...nodesProblems(facts.nodes, facts.clusterName),
        ...placementProblems(facts, isZonesOwn),
        ...nameRules(name, facts),
        ...volumeRules(facts),
        ...tagRules(facts),
        ...copyProblems(facts.backup),
        ...regionProblems(facts, facts.region),
        ...blockProblems(facts),
        ...zoneLabelProblems(facts),
    ]);
}

/**
 * Zones by ordinal leave nothing to choose, and those that the user writes are this storage's.
 *
 * @param isOwn - Whether they are plain. Those of another storage may be more.
 */
function placementProblems(facts: ArgsFacts, isOwn: boolean): Problem[] {
    const { placement, zoneByOrdinal } = facts;
    if (zoneByOrdinal === undefined) {
        return [];
    }
    const ordinals = ordinalsIn(facts);
    const keys = isOwn && ordinals.length > 0 ? new Set(ordinals.map(String)) : undefined;
    const rule = keys
        ? `must belong to an ordinal of this storage, ${ordinals[0]} to ${ordinals.at(-1)}`
        : "must belong to an ordinal, a whole number";
    const strangers = entriesIn(zoneByOrdinal)
        .filter(([key]) => !(keys ? keys.has(key) : /^(0|[1-9]\d{0,4})$/.test(key)))
        .map(([key, got]) => ({ path: ["zoneByOrdinal", key], rule, got }));
    return [...notAllowed([], { placement }, "can't be combined with zoneByOrdinal"), ...strangers];
}

/** A block device has no file system to make or to mount. */
function blockProblems(facts: ArgsFacts): Problem[] {
    const { volumeMode, fsType, mountOptions } = mapIn(facts.persistentVolume);
    return volumeMode === "Block"
        ? notAllowed(["persistentVolume"], { fsType, mountOptions }, "must be left out for volumeMode Block")
        : [];
}

/** Nodes without Auto Mode don't have its label: no pod would start there. */
function zoneLabelProblems(facts: ArgsFacts): Problem[] {
    const { csiDriver, zoneLabel } = mapIn(facts.persistentVolume);
    const rule = `must be ${ZoneLabel.kubernetes}, or csiDriver must be ${CsiDriver.eksAutoMode}`;
    return zoneLabel === ZoneLabel.eksAutoMode && csiDriver !== CsiDriver.eksAutoMode
        ? [{ path: ["persistentVolume", "zoneLabel"], rule, got: zoneLabel }]
        : [];
}

import type { z } from "zod";
import type { OverrideArgs, VolumeArgs, ZonalPersistentStorageArgs } from "./args";
import { argsSchema, isDeferred, maxCount, maxDigits, schemaProblems } from "./argsSchema";
import { presetTags } from "./nodeFilters";
import { NodesPreset } from "./nodesArgs";
import { ordinalsOf, persistentVolumeName, volumeSettings, zoneLabel } from "./plan";
import { isReservedTag } from "./tags";
import { formatProblem, leftOut, userError } from "./problems";
import type { Problem } from "./problems";
import { volumeProblems } from "./volumeLimits";

/** The args as they may be before anything is known about them: every setting may be missing. */
type Unchecked = Partial<Record<keyof ZonalPersistentStorageArgs, unknown>>;

/**
 * The args, if nothing is wrong with them as far as their values are known by now.
 *
 * @throws RunError that lists every problem.
 */
export function checkArgs(name: string, args: ZonalPersistentStorageArgs): ZonalPersistentStorageArgs {
    const problems = argsProblems(argsSchema, name, args);
    if (problems.length > 0) {
        const lines = problems.map((problem) => formatProblem(problem));
        throw userError(
            `ZonalPersistentStorage ${JSON.stringify(name)} can't be made from these args`,
            lines,
        );
    }
    return args;
}

/**
 * Everything that is wrong with a component's name and args, as far as their values are known: first
 * what the schema says of each setting, then how they go together.
 */
export function argsProblems(schema: z.ZodType, name: string, args: unknown): Problem[] {
    const shape = schemaProblems(schema, args);
    const known = asMap(args) as Unchecked;
    const together = [
        nodesProblems(known.nodes, known.clusterName),
        placementProblems(known),
        nameProblems(name, known),
        volumeRules(known),
        tagProblems(known),
        sharedVolumes(known),
        blockProblems(known),
        claimProblems(known),
    ];
    return merged(shape, [...together.flat(), ...reservedKeys(known)]);
}

/** Everything that is wrong with what says which cluster. */
export function clusterProblems(schema: z.ZodType, cluster: unknown): Problem[] {
    const { name, nodes } = asMap(cluster);
    return merged(schemaProblems(schema, cluster), nodesProblems(nodes, name));
}

/** What the schema has already refused needs no second word. */
function merged(shape: readonly Problem[], together: readonly Problem[]): Problem[] {
    const refused = new Set(shape.map(({ path }) => path.join(".")));
    return [...shape, ...together.filter(({ path }) => path.length === 0 || !refused.has(path.join(".")))];
}

/** A preset brings its own tags, and groups are those of a preset. */
function nodesProblems(nodes: unknown, clusterName: unknown): Problem[] {
    const { preset, groups, tags } = asMap(nodes);
    if (preset === undefined) {
        return leftOut(["nodes"], { groups }, "without preset");
    }
    if (!isPreset(preset) || isDeferred(tags)) {
        return [];
    }
    const own = presetTags(preset, typeof clusterName === "string" ? clusterName : "");
    return Object.entries(asMap(tags))
        .filter(([key]) => own.includes(key))
        .map(([key, got]) => ({
            path: ["nodes", "tags", key],
            rule: `must be left to preset ${preset}, which sets it`,
            got,
        }));
}

function isPreset(value: unknown): value is NodesPreset {
    return Object.values<unknown>(NodesPreset).includes(value);
}

/** Zones by ordinal leave nothing to choose. */
function placementProblems({ placement, zoneByOrdinal }: Unchecked): Problem[] {
    return zoneByOrdinal === undefined ? [] : leftOut([], { placement }, "beside zoneByOrdinal");
}

function nameProblems(name: string, args: Unchecked): Problem[] {
    const settings = asMap(args.persistentVolume);
    const prefix = typeof settings.namePrefix === "string" ? settings.namePrefix : name;
    const digits = Math.min(asNumber(settings.ordinalDigits) ?? 1, maxDigits);
    const last = Math.max(0, ...ordinalsIn(args).slice(-1));
    const longest = persistentVolumeName(name, { namePrefix: prefix, ordinalDigits: digits }, last);
    if (/^[a-z0-9][-a-z0-9]*$/.test(longest) && longest.length <= 63) {
        return [];
    }
    const rule = "must consist of lower case letters, digits and hyphens, at most 63 with the ordinal";
    return settings.namePrefix === undefined
        ? [{ path: [], rule: `${rule} (or give persistentVolume.namePrefix)`, got: name }]
        : [{ path: ["persistentVolume", "namePrefix"], rule, got: prefix }];
}

function volumeRules(args: Unchecked): Problem[] {
    const volume = asMap(args.volume) as unknown as VolumeArgs;
    const own = limitProblems(["volume"], volume);
    const rules = new Set(own.map(({ rule }) => rule));
    const ordinals = ordinalsIn(args);
    const keys = new Set(ordinals.map(String));
    const overrides = Object.entries(asMap(args.overrides)).flatMap(([key, override]) => {
        if (keys.size > 0 && !keys.has(key)) {
            const rule = `must belong to an ordinal of this storage, ${ordinals[0]} to ${ordinals.at(-1)}`;
            return [{ path: ["overrides", key], rule, got: override }];
        }
        const { volumeId, ...settings } = asMap(override);
        const problems =
            volumeId === undefined
                ? [
                      ...limitProblems(["overrides", key], volume, settings),
                      ...moveProblems(["overrides", key, "moves"], settings.moves),
                  ]
                : leftOut(["overrides", key], settings, "beside volumeId");
        return problems.filter(({ rule }) => !rules.has(rule));
    });
    return [...own, ...overrides];
}

/** A snapshot has one source. */
function moveProblems(path: string[], moves: unknown): Problem[] {
    return (Array.isArray(moves) ? moves : []).flatMap((move, index) => {
        const { snapshotId, from } = asMap(move);
        return snapshotId === undefined
            ? []
            : leftOut([...path, String(index)], { from }, "beside snapshotId");
    });
}

function limitProblems(path: string[], volume: VolumeArgs, override?: OverrideArgs): Problem[] {
    const { type, ...settings } = volumeSettings(volume, override);
    const plain = {
        type: typeof type === "string" ? type : undefined,
        sizeGiB: plainNumber(settings.sizeGiB),
        iops: plainNumber(settings.iops),
        throughputMiBps: plainNumber(settings.throughputMiBps),
    };
    const limits = volumeProblems(plain)
        .filter(({ setting }) => !isDeferred(settings[setting]))
        .map(({ setting, rule }) => ({ path: [...path, setting], rule, got: plain[setting] }));
    const { initializationRateMiBps, snapshotId, encrypted, kmsKeyId } = settings;
    return [
        ...limits,
        ...(snapshotId === undefined && !override?.moves
            ? leftOut(path, { initializationRateMiBps }, "without snapshotId")
            : []),
        ...(encrypted === false ? leftOut(path, { kmsKeyId }, "where encrypted is false") : []),
    ];
}

/**
 * EC2 takes 50 tags of a resource ("Tag your Amazon EC2 resources", read on 2026-11-24) and the component sets up to
 * ten: the rest is for those of the storage, of the override and, on snapshots, of the backup together.
 */
const maxOwnTags = 40;

function tagProblems(args: Unchecked): Problem[] {
    const { tags } = asMap(args.volume);
    const maps: [string[], unknown[]][] = [
        [["volume", "tags"], [tags]],
        ...Object.entries(asMap(args.overrides)).map(([ordinal, override]): [string[], unknown[]] => [
            ["overrides", ordinal, "tags"],
            [tags, asMap(override).tags],
        ]),
        [
            ["backup", "tags"],
            [tags, asMap(args.backup).tags],
        ],
    ];
    return maps.flatMap(([path, together]) => {
        const keys = new Set(together.flatMap((map) => Object.keys(asMap(map))));
        const got = together.at(-1);
        // Said of the storage's own, it needn't be said again of what comes on top.
        const isOwn =
            got !== undefined && (together.length === 1 || Object.keys(asMap(tags)).length <= maxOwnTags);
        const rule = `must be at most ${maxOwnTags} tags${together.length > 1 ? " with those of volume" : ""}`;
        return isOwn && keys.size > maxOwnTags ? [{ path, rule, got }] : [];
    });
}

/** An EBS volume can be the disk of one ordinal only. */
function sharedVolumes(args: Unchecked): Problem[] {
    const owners = new Map<unknown, string>();
    return Object.entries(asMap(args.overrides)).flatMap(([ordinal, override]) => {
        const { volumeId: got } = asMap(override);
        if (typeof got !== "string") {
            return [];
        }
        const owner = owners.get(got);
        owners.set(got, owner ?? ordinal);
        const path = ["overrides", ordinal, "volumeId"];
        return owner === undefined
            ? []
            : [{ path, rule: `must not be the volume of ordinal ${owner} too`, got }];
    });
}

/** Claims are those of a StatefulSet's template, or one is named for each ordinal. */
function claimProblems(args: Unchecked): Problem[] {
    if (args.claims === undefined) {
        return [];
    }
    const { statefulSet, template, names } = asMap(args.claims);
    if (names === undefined) {
        return Object.entries({ statefulSet, template })
            .filter(([, got]) => got === undefined)
            .map(([key]) => ({ path: ["claims", key], rule: "must be given, or names in its place" }));
    }
    const given = leftOut(["claims"], { statefulSet, template }, "beside names");
    const { length } = ordinalsIn(args);
    if (!Array.isArray(names) || length === 0 || names.length === length) {
        return given;
    }
    const rule = `must name ${length} claims, one for each ordinal`;
    return [...given, { path: ["claims", "names"], rule, got: names }];
}

/** A block device has no file system to make or to mount. */
function blockProblems(args: Unchecked): Problem[] {
    const { volumeMode, fsType, mountOptions } = asMap(args.persistentVolume);
    return volumeMode === "Block"
        ? leftOut(["persistentVolume"], { fsType, mountOptions }, "for volumeMode Block")
        : [];
}

/** A number to check limits with; one that comes later limits nothing yet. */
function plainNumber(value: unknown): number | undefined {
    return isDeferred(value) ? Infinity : asNumber(value);
}

function reservedKeys(args: Unchecked): Problem[] {
    const tags = [["volume"], ...Object.keys(asMap(args.overrides)).map((ordinal) => ["overrides", ordinal])];
    const maps: [string[], (key: string) => boolean][] = [
        ...tags.map((path): [string[], typeof isReservedTag] => [[...path, "tags"], isReservedTag]),
        [["persistentVolume", "labels"], (key) => key === zoneLabel],
    ];
    return maps.flatMap(([path, isReserved]) => {
        const map = path.reduce<Record<string, unknown>>((at, key) => asMap(at[key]), args);
        return Object.entries(map)
            .filter(([key]) => isReserved(key))
            .map(([key, got]) => ({
                path: [...path, key],
                rule: "must be left to the component, which sets it",
                got,
            }));
    });
}

/** The ordinals, or none if count or start aren't numbers to count with. */
function ordinalsIn({ start = 0, count }: Unchecked): number[] {
    const isUsable = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
    return isUsable(start) && isUsable(count) && count <= maxCount ? ordinalsOf({ start, count }) : [];
}

function asMap(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function asNumber(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}

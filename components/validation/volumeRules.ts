import type { OverrideArgs, VolumeArgs } from "../args/volumeArgs";
import { isDeferred } from "../args/deferred";
import { volumeSettings } from "../plan/disks";
import { leftOut } from "./problems";
import type { Problem } from "./problems";
import { asList, asMap, ordinalsIn, plainNumber } from "./unchecked";
import type { Unchecked } from "./unchecked";
import { volumeProblems } from "./volumeLimits";

/** How settings of volumes go together: the storage's, and those of each override with them. */
export function volumeRules(args: Unchecked): Problem[] {
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
    return [...own, ...overrides, ...sharedVolumes(args)];
}

/** A snapshot has one source. */
function moveProblems(path: string[], moves: unknown): Problem[] {
    return asList(moves).flatMap((move, index) => {
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

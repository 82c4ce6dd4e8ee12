import { CsiDriver } from "../args/persistentVolumeArgs";
import { zoneLabel } from "../plan/zoneLabels";
import type { Problem } from "./problems";
import { isReservedTag } from "../plan/tags";
import { asMap } from "./unchecked";
import type { Unchecked } from "./unchecked";

/**
 * EC2 takes 50 tags of a resource ("Tag your Amazon EC2 resources", read on 2026-11-24) and the component sets up to
 * ten: the rest is for those of the storage, of the override and, on snapshots, of the backup together.
 */
const maxOwnTags = 40;

/** Tags and labels that are too many, or the component's own. */
export function tagRules(args: Unchecked): Problem[] {
    return [...numberProblems(args), ...reservedKeys(args)];
}

/** Where the user gives tags: path, and all tags that a resource has from there. */
export function tagMaps(args: Unchecked): [string[], unknown[]][] {
    const { tags } = asMap(args.volume);
    const overrides = Object.entries(asMap(args.overrides)).map(
        ([ordinal, override]): [string[], unknown[]] => [
            ["overrides", ordinal, "tags"],
            [tags, asMap(override).tags],
        ],
    );
    return [
        [["volume", "tags"], [tags]],
        ...overrides,
        [
            ["backup", "tags"],
            [tags, asMap(args.backup).tags],
        ],
    ];
}

function numberProblems(args: Unchecked): Problem[] {
    const { tags } = asMap(args.volume);
    return tagMaps(args).flatMap(([path, together]) => {
        const keys = new Set(together.flatMap((map) => Object.keys(asMap(map))));
        const got = together.at(-1);
        // Said of the storage's own, it needn't be said again of what comes on top.
        const isOwn =
            got !== undefined && (together.length === 1 || Object.keys(asMap(tags)).length <= maxOwnTags);
        const rule = `must be at most ${maxOwnTags} tags${together.length > 1 ? " with those of volume" : ""}`;
        return isOwn && keys.size > maxOwnTags ? [{ path, rule, got }] : [];
    });
}

function reservedKeys(args: Unchecked): Problem[] {
    const tags = tagMaps(args).map(([path, maps]) => ({ path, map: maps.at(-1), isReserved: isReservedTag }));
    const { labels } = asMap(args.persistentVolume);
    const isZone = (key: string) => key === zoneLabel;
    return [...tags, { path: ["persistentVolume", "labels"], map: labels, isReserved: isZone }].flatMap(
        ({ path, map, isReserved }) =>
            Object.entries(asMap(map))
                .filter(([key]) => isReserved(key))
                .map(([key, got]) => ({
                    path: [...path, key],
                    rule: "must be left to the component, which sets it",
                    got,
                })),
    );
}

/** How many tags the component sets on a volume, `Name` among them, which may be the user's: those of plan/tags.ts. */
export function ownTagCount(args: Unchecked): number {
    const isAutoMode = asMap(args.persistentVolume).csiDriver === CsiDriver.eksAutoMode;
    return 6 + Number(isAutoMode) + (args.claims === undefined ? 0 : 2) + Number(args.backup !== undefined);
}

import { CsiDriver } from "../args/persistentVolumeArgs";
import { zoneLabel } from "../plan/zoneLabels";
import type { Problem } from "./problems";
import { isReservedTag } from "../plan/tags";
import type { ArgsFacts } from "../schema/argsSchema";
import { isMap } from "../schema/schemaParts";
import { entriesIn, mapIn } from "./facts";

/**
 * EC2 takes 50 tags of a resource ("Tag your Amazon EC2 resources", read on 2026-11-27) and the component sets up to
 * ten: the rest is for those of the storage, of the override and, on snapshots, of the backup together.
 */
const maxOwnTags = 40;

/** Tags and labels that are too many, or the component's own. */
export function tagRules(args: ArgsFacts): Problem[] {
    return [...numberProblems(args), ...reservedKeys(args)];
}

/** Tags that the user gives in one place, and those that a resource has from there: the storage's come first. */
export interface TagSource {
    readonly path: string[];
    readonly own: Readonly<Record<string, unknown>> | undefined;
    readonly inherited: Readonly<Record<string, unknown>>;
}

/** Where the user gives tags. */
export function tagSources(args: ArgsFacts): TagSource[] {
    const tagsIn = (settings: { readonly tags?: unknown }) =>
        isMap(settings.tags) ? settings.tags : undefined;
    const ofStorage = tagsIn(mapIn(args.volume));
    const inherited = ofStorage ?? {};
    return [
        { path: ["volume", "tags"], own: ofStorage, inherited: {} },
        ...entriesIn(args.overrides).map(([ordinal, override]) => ({
            path: ["overrides", ordinal, "tags"],
            own: tagsIn(override),
            inherited,
        })),
        { path: ["backup", "tags"], own: tagsIn(mapIn(args.backup)), inherited },
    ];
}

function numberProblems(args: ArgsFacts): Problem[] {
    return tagSources(args).flatMap(({ path, own: got, inherited }) => {
        const more = Object.keys(inherited).length;
        const keys = new Set(Object.keys({ ...inherited, ...got }));
        // Said of the storage's own, it needn't be said again of those on top.
        const isOwn = got !== undefined && more <= maxOwnTags;
        const rule = `must be at most ${maxOwnTags} tags${path[0] === "volume" ? "" : " with those of volume"}`;
        return isOwn && keys.size > maxOwnTags ? [{ path, rule, got }] : [];
    });
}

function reservedKeys(args: ArgsFacts): Problem[] {
    const tags = tagSources(args).map(({ path, own }) => ({ path, own, isReserved: isReservedTag }));
    const { labels } = mapIn(args.persistentVolume);
    const isZone = (key: string) => key === zoneLabel;
    const ofLabels = { path: ["persistentVolume", "labels"], own: mapIn(labels), isReserved: isZone };
    return [...tags, ofLabels].flatMap(({ path, own = {}, isReserved }) =>
        Object.entries(own)
            .filter(([key]) => isReserved(key))
            .map(([key, got]) => ({
                path: [...path, key],
                rule: "must be left to the component, which sets it",
                got,
            })),
    );
}

/** How many tags the component sets on a volume, `Name` among them, which may be the user's: those of plan/tags.ts. */
export function ownTagCount(args: ArgsFacts): number {
    const isAutoMode = mapIn(args.persistentVolume).csiDriver === CsiDriver.eksAutoMode;
    return 6 + Number(isAutoMode) + (args.claims === undefined ? 0 : 2) + Number(args.backup !== undefined);
}

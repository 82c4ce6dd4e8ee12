import { isReservedTag } from "../components/plan/tags";
import type { Problem } from "../components/validation/problems";
import { ownTagCount, tagMaps } from "../components/validation/tagRules";
import { asMap } from "../components/validation/unchecked";
import type { Unchecked } from "../components/validation/unchecked";

/** Tags that EC2 takes of any resource. */
const maxTags = 50;

/**
 * Tags that are too many together with the setting aws:defaultTags of the AWS provider, which come on top.
 *
 * @param args - Args that nothing is wrong with.
 */
export function defaultTagProblems(args: Unchecked, defaultTags: unknown): Problem[] {
    const defaults = Object.keys(asMap(defaultTags)).filter((key) => key !== "Name" && !isReservedTag(key));
    const room = maxTags - ownTagCount(args);
    return tagMaps(args).flatMap(([path, together]) => {
        const user = together.flatMap((map) => Object.keys(asMap(map)));
        const keys = new Set([...user, ...defaults].filter((key) => key !== "Name"));
        const got = together.at(-1);
        const isFirst = path[0] === "volume" || got !== undefined;
        const rule = `must leave room for aws:defaultTags: EC2 takes ${maxTags} tags, the component sets ${maxTags - room}`;
        return defaults.length > 0 && isFirst && keys.size > room ? [{ path, rule, got: got ?? {} }] : [];
    });
}

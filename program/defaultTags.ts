import { isReservedTag } from "../components/plan/tags";
import { argsFacts } from "../components/schema/argsSchema";
import type { Problem } from "../components/validation/problems";
import { ownTagCount, tagSources } from "../components/validation/tagRules";

/** Tags that EC2 takes of any resource. */
const maxTags = 50;

/**
 * Tags that are too many together with the setting aws:defaultTags of the AWS provider, which come on top.
 *
 * @param args - Args that nothing is wrong with.
 */
export function defaultTagProblems(args: unknown, defaultTags: Readonly<Record<string, unknown>>): Problem[] {
    const defaults = Object.keys(defaultTags).filter((key) => key !== "Name" && !isReservedTag(key));
    const facts = argsFacts.parse(args);
    const room = maxTags - ownTagCount(facts);
    return tagSources(facts).flatMap(({ path, own: got, inherited }) => {
        const user = Object.keys({ ...inherited, ...got });
        const keys = new Set([...user, ...defaults].filter((key) => key !== "Name"));
        const isFirst = path[0] === "volume" || got !== undefined;
        const rule = `must leave room for aws:defaultTags: EC2 takes ${maxTags} tags, the component sets ${maxTags - room}`;
        return defaults.length > 0 && isFirst && keys.size > room ? [{ path, rule, got: got ?? {} }] : [];
    });
}

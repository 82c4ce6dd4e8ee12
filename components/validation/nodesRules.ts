import { presetTags } from "../plan/nodeFilters";
import type { ArgsFacts } from "../schema/argsSchema";
import { entriesIn, mapIn, textIn } from "./facts";
import { notAllowed } from "./problems";
import type { Problem } from "./problems";

/** A preset brings its own tags, and groups are those of a preset. */
export function nodesProblems(nodes: ArgsFacts["nodes"], clusterName: unknown): Problem[] {
    const { preset, groups, tags } = mapIn(nodes);
    if (preset === undefined) {
        return notAllowed(["nodes"], { groups }, "must be left out without preset");
    }
    if (typeof preset !== "string") {
        return [];
    }
    const own = presetTags(preset, textIn(clusterName) ?? "");
    return entriesIn(tags)
        .filter(([key]) => own.includes(key))
        .map(([key, got]) => ({
            path: ["nodes", "tags", key],
            rule: `must be left to preset ${preset}, which sets it`,
            got,
        }));
}

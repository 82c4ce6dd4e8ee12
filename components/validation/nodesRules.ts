import { isDeferred } from "../args/deferred";
import { NodesPreset } from "../args/nodesArgs";
import { presetTags } from "../plan/nodeFilters";
import { leftOut } from "./problems";
import type { Problem } from "./problems";
import { asMap, asText } from "./unchecked";

/** A preset brings its own tags, and groups are those of a preset. */
export function nodesProblems(nodes: unknown, clusterName: unknown): Problem[] {
    const { preset, groups, tags } = asMap(nodes);
    if (preset === undefined) {
        return leftOut(["nodes"], { groups }, "without preset");
    }
    if (!isPreset(preset) || isDeferred(tags)) {
        return [];
    }
    const own = presetTags(preset, asText(clusterName) ?? "");
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

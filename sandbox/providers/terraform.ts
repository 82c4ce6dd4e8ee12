import { changedPaths, isMap } from "./diff";
import type { Change, Properties } from "./provider";

/** Schema of an attribute in terraform-plugin-sdk. */
export interface Attribute {
    /** Optional and Computed: without an input, the value that was read last stays. */
    readonly computed?: true;
    /** ForceNew: a change replaces the resource. */
    readonly forceNew?: true;
    /** The default value. */
    readonly default?: unknown;
}

/** Attributes that are inputs of a resource. */
export type Schema = Readonly<Record<string, Attribute>>;

/** Planned values of the attributes. */
export function plannedValues(schema: Schema, inputs: Properties, state: Properties = {}): Properties {
    const values = Object.entries(schema).map(([key, attribute]): [string, unknown] => [
        key,
        inputs[key] ?? (attribute.computed ? state[key] : attribute.default),
    ]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/**
 * Differences between the program's inputs and the values that were read last. Former inputs don't count: an input that
 * AWS stores differently is a change at every update.
 *
 * Source: Diff in pulumi-terraform-bridge 59de6c6, pkg/tfbridge/provider.go, which plans from the state's outputs, and
 * schemaMap.Diff in pulumi/terraform-plugin-sdk 717b4ef, helper/schema/schema.go (read on 2026-11-27).
 */
export function stateChanges(schema: Schema, inputs: Properties, state: Properties): Change[] {
    const planned = plannedValues(schema, inputs, state);
    return Object.entries(schema).flatMap(([key, { forceNew = false }]) =>
        changesAt(key, state[key], planned[key]).map((path) => ({ path, replaces: forceNew })),
    );
}

function changesAt(key: string, before: unknown, after: unknown): string[] {
    const [one, other] = [before, after].map((value) => (isZero(value) ? undefined : value));
    return isMap(one) || isMap(other)
        ? changedPaths((one ?? {}) as Properties, (other ?? {}) as Properties).map((path) => below(key, path))
        : changedPaths({ [key]: one }, { [key]: other });
}

function below(key: string, path: string): string {
    return path.startsWith("[") ? `${key}${path}` : `${key}.${path}`;
}

/** Whether the SDK treats a value as missing. */
function isZero(value: unknown): boolean {
    return value === undefined || value === null || value === "" || value === 0 || value === false;
}

import { changedPaths, isMap } from "./diff";
import type { Change, Properties } from "./provider";

/** How terraform-plugin-sdk treats one attribute of a resource. */
export interface Attribute {
    /** Optional and Computed: where the program gives nothing, the value that was read last stays. */
    readonly computed?: true;
    /** ForceNew: another value takes another resource. */
    readonly forceNew?: true;
    /** The value where the program gives none. */
    readonly default?: unknown;
}

/** The attributes of a resource that a program can give. */
export type Schema = Readonly<Record<string, Attribute>>;

/** Values of the attributes once the program has what it asks for. */
export function plannedValues(schema: Schema, inputs: Properties, state: Properties = {}): Properties {
    const values = Object.entries(schema).map(([key, attribute]): [string, unknown] => [
        key,
        inputs[key] ?? (attribute.computed ? state[key] : attribute.default),
    ]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/**
 * Where the program asks for something else than what was read last. What it asked for before doesn't count: an
 * input that AWS has answered differently is a change at every update.
 *
 * Source: Diff in pulumi-terraform-bridge, pkg/tfbridge/provider.go, which plans from the state's outputs, and
 * schemaMap.Diff in terraform-plugin-sdk, helper/schema/schema.go (read on 2026-11-24).
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

/** The SDK can't tell a value of zero from none. */
function isZero(value: unknown): boolean {
    return value === undefined || value === null || value === "" || value === 0 || value === false;
}

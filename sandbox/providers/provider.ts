import { readFileSync } from "node:fs";
import type { Properties } from "../grpc";

export type { Properties };

/** A resource in AWS or in the cluster. */
export interface ResourceState {
    readonly id: string;
    readonly properties: Properties;
}

/** A property, as a dotted path, that differs from the program's inputs. */
export interface Change {
    readonly path: string;
    /** Whether the change replaces the resource. */
    readonly replaces: boolean;
}

/** The engine's request for differences. */
export interface DiffRequest {
    /** Outputs in the state. */
    readonly state: Properties;
    /** Inputs in the state. */
    readonly oldInputs: Properties;
    readonly inputs: Properties;
}

/** A type of resource, with the rules of the real provider. */
export interface ResourceType {
    /** Whether a replacement deletes the old resource first, because both have the same name. */
    readonly deleteBeforeReplace: boolean;
    /** Inputs that the provider rejects, before it compares or makes anything. */
    problems?(inputs: Properties): { readonly property: string; readonly reason: string }[];
    changes(request: DiffRequest): Change[];
    /** Outputs of a resource that are known in a preview; `state` is an existing resource's. */
    planned(inputs: Properties, state?: Properties): Properties;
    /** @param timeoutSeconds - Of the resource's `customTimeouts`, if it has one. */
    create(inputs: Properties, timeoutSeconds?: number): Promise<ResourceState>;
    /** The current resource, or undefined if it no longer exists. `old` are its outputs in the state. */
    read(id: string, old?: Properties): Promise<ResourceState | undefined>;
    /**
     * Inputs that a program would need for the current resource. A refresh, or an import, which has no former inputs,
     * writes them into the state.
     */
    inputsOf(properties: Properties, asked?: Properties): Properties;
    update(id: string, inputs: Properties, state: Properties): Promise<Properties>;
    /** @param timeoutSeconds - Of the resource's `customTimeouts`, if it has one. */
    delete(id: string, state: Properties, timeoutSeconds?: number): Promise<void>;
}

/**
 * A failure of a creation or an update whose resource exists. The engine writes `properties` into its state, even if the
 * resource differs.
 */
export class PartialFailure extends Error {
    public constructor(
        message: string,
        public readonly made: ResourceState,
    ) {
        super(message);
    }
}

/** A stand-in for a Pulumi provider that isn't available. */
export interface Provider {
    readonly name: string;
    readonly version: string;
    /**
     * Receives the provider's settings, before all other calls.
     *
     * @throws Error if the settings forbid its use.
     */
    configure?(settings: Properties): void | Promise<void>;
    /** @throws Error for an unknown type. */
    resourceType(token: string): ResourceType;
    /** @throws Error for an unknown function. */
    invoke(token: string, args: Properties): Promise<Properties>;
}

/** Version of a provider's SDK in this project, which is also the provider's. */
export function sdkVersion(name: string): string {
    const manifest = readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
}

import { readFileSync } from "node:fs";
import type { Properties } from "../grpc";

export type { Properties };

/** A resource as it is in AWS or in the cluster. */
export interface Made {
    readonly id: string;
    readonly properties: Properties;
}

/** A property, as a dotted path, that differs from what the program asks for. */
export interface Change {
    readonly path: string;
    /** Whether it takes another resource. */
    readonly replaces: boolean;
}

/** A resource as the engine knows it when it asks for differences. */
export interface DiffRequest {
    /** Properties that the provider read last. */
    readonly state: Properties;
    /** Properties that the program asked for last. */
    readonly oldInputs: Properties;
    readonly inputs: Properties;
}

/** One type of resource, with the rules of the real provider for it. */
export interface ResourceType {
    /** Whether the old one has to go first, because both would have the same name. */
    readonly deleteBeforeReplace: boolean;
    changes(request: DiffRequest): Change[];
    /** Outputs of a resource as far as a preview knows them; `state` is that of a resource that exists. */
    planned(inputs: Properties, state?: Properties): Properties;
    /** @param timeoutSeconds - Of the resource's `customTimeouts`, if it has one. */
    create(inputs: Properties, timeoutSeconds?: number): Promise<Made>;
    /** The resource as it is, or undefined if it is gone. `old` is what the state has of it, if it has it. */
    read(id: string, old?: Properties): Promise<Made | undefined>;
    /**
     * What a program would have to ask for to get a resource as it is: the inputs that a refresh or, where
     * nothing was asked for yet, an import puts into the state.
     */
    inputsOf(properties: Properties, asked?: Properties): Properties;
    update(id: string, inputs: Properties, state: Properties): Promise<Properties>;
    /** @param timeoutSeconds - Of the resource's `customTimeouts`, if it has one. */
    delete(id: string, state: Properties, timeoutSeconds?: number): Promise<void>;
}

/**
 * A creation or an update that failed after the resource exists. The engine writes `properties` into its state,
 * whatever the resource really is.
 */
export class PartialFailure extends Error {
    public constructor(
        message: string,
        public readonly made: Made,
    ) {
        super(message);
    }
}

/** What stands in for a Pulumi provider where the real one can't be had. */
export interface Provider {
    readonly name: string;
    readonly version: string;
    /**
     * Told its own settings before all else.
     *
     * @throws Error if it must not be used with them.
     */
    configure?(settings: Properties): void | Promise<void>;
    /** @throws Error for a type that it doesn't know. */
    resourceType(token: string): ResourceType;
    /** @throws Error for a function that it doesn't know. */
    invoke(token: string, args: Properties): Promise<Properties>;
}

/** The version of a package's SDK in this project, which is that of the provider that it wants. */
export function sdkVersion(name: string): string {
    const manifest = readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
}

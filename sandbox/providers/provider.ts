import { readFileSync } from "node:fs";
import type { Properties } from "../grpc";

export type { Properties };

/** A resource as it is in AWS or in the cluster. */
export interface Made {
    readonly id: string;
    readonly properties: Properties;
}

/** One type of resource, with the rules of the real provider for it. */
export interface ResourceType {
    /** Inputs, as dotted paths, whose change means another resource. */
    readonly replaceOn: readonly string[];
    /** Inputs that stay as they are where the program stops giving them. */
    readonly computed: readonly string[];
    /** Whether the old one has to go first, because both would have the same name. */
    readonly deleteBeforeReplace: boolean;
    /** What preview can say of a resource's outputs. */
    planned(inputs: Properties): Properties;
    create(inputs: Properties): Promise<Made>;
    /** The resource as it is, or undefined if it is gone. `old` is what the state has of it, if it has it. */
    read(id: string, old?: Properties): Promise<Properties | undefined>;
    /**
     * What a program would have to ask for to get a resource as it is: the inputs that a refresh or, where
     * nothing was asked for yet, an import puts into the state.
     */
    inputsOf(properties: Properties, asked?: Properties): Properties;
    update(id: string, inputs: Properties, old: Properties): Promise<Properties>;
    delete(id: string, old: Properties): Promise<void>;
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
    configure?(settings: Properties): void;
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

import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Change, DiffRequest, Properties } from "./provider";
import type { ProviderTags } from "./tags";
import { plannedValues, stateChanges } from "./terraform";
import type { Schema } from "./terraform";

/** The common parts of all resources of terraform-provider-aws: a schema, a region and tags. */
export abstract class AwsResource {
    public readonly deleteBeforeReplace = false;
    protected abstract readonly schema: Schema;

    public constructor(
        private readonly client: (region: string) => EC2Client,
        protected readonly providerRegion: string,
        protected readonly tags: ProviderTags,
    ) {}

    public changes({ inputs, state }: DiffRequest): Change[] {
        return stateChanges(this.schema, this.normalized(inputs), state);
    }

    public planned(inputs: Properties, state?: Properties): Properties {
        return { ...state, ...plannedValues(this.schema, this.normalized(inputs), state) };
    }

    /** Inputs in the form of outputs, so that they can be compared. */
    protected normalized(inputs: Properties): Properties {
        return { ...inputs, tagsAll: this.tags.all(inputs["tags"]) };
    }

    protected ec2({ region }: { readonly region?: unknown }): EC2Client {
        return this.client(typeof region === "string" ? region : this.providerRegion);
    }
}

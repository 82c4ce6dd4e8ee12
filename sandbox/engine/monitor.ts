import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as monitor from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { plain, Server, ShuttingDown, struct } from "../grpc";
import type { Properties } from "../grpc";
import type { Provider } from "../providers/provider";

/** A resource or a component, in the form of `pulumi stack export`. */
interface Resource {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly parent?: string;
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    /** Read but not managed. */
    readonly external?: boolean;
    readonly inputs?: Properties;
    outputs: Properties;
}

/**
 * Replaces the engine without a Pulumi CLI: it creates the resources that a program registers. It has no persistent
 * state, and neither updates nor deletes.
 */
export class Monitor {
    private readonly resources = new Map<string, Resource>();
    /** Errors of the program and its providers. */
    public readonly errors: string[] = [];
    /** The stack's outputs, after the program has succeeded. */
    public outputs: Properties = {};
    private readonly server = new Server();

    public constructor(
        private readonly project: string,
        private readonly stack: string,
        private readonly providers: readonly Provider[],
    ) {
        this.server.add(ResourceMonitorService, {
            supportsFeature: (request: monitor.SupportsFeatureRequest) => this.supports(request),
            invoke: (request: monitor.ResourceInvokeRequest) => this.invoke(request),
            registerResource: (request: monitor.RegisterResourceRequest) => this.register(request),
            readResource: (request: monitor.ReadResourceRequest) => this.read(request),
            registerResourceOutputs: (request: monitor.RegisterResourceOutputsRequest) => {
                const outputs = plain(request.getOutputs());
                if (request.getUrn().includes("::pulumi:pulumi:Stack::")) {
                    this.outputs = outputs;
                }
                const resource = this.resources.get(request.getUrn());
                if (resource) {
                    resource.outputs = outputs;
                }
                return new Empty();
            },
            // Hooks are for updates, and there are none.
            registerResourceHook: () => new Empty(),
            registerPackage: () => new monitor.RegisterPackageResponse(),
        });
        this.server.add(EngineService, {
            log: (request: engine.LogRequest) => {
                if (request.getSeverity() === engine.LogSeverity.ERROR) {
                    this.errors.push(request.getMessage());
                }
                return new Empty();
            },
        });
    }

    /** @returns the address for the program. */
    public async listen(): Promise<string> {
        return `127.0.0.1:${await this.server.listen()}`;
    }

    /** The state, in the form of `pulumi stack export`. */
    public exported(): string {
        return JSON.stringify({ version: 3, deployment: { resources: [...this.resources.values()] } });
    }

    /** Waits for pending requests, then stops listening. */
    public close(): Promise<void> {
        return this.server.close();
    }

    private supports(request: monitor.SupportsFeatureRequest) {
        const response = new monitor.SupportsFeatureResponse();
        response.setHassupport(["resourceReferences", "resourceHooks"].includes(request.getId()));
        return response;
    }

    private async invoke(request: monitor.ResourceInvokeRequest) {
        const token = request.getTok();
        const result = await this.provider(token).invoke(token, plain(request.getArgs()));
        // SDKs since 3.256 have a separate type for this response.
        const Response =
            (monitor as unknown as { ResourceInvokeResponse?: typeof provider.InvokeResponse })
                .ResourceInvokeResponse ?? provider.InvokeResponse;
        const response = new Response();
        response.setReturn(struct(result));
        return response;
    }

    private async register(request: monitor.RegisterResourceRequest) {
        const [type, name, inputs] = [request.getType(), request.getName(), plain(request.getObject())];
        const urn = this.urn(type, name, request.getParent());
        const response = new monitor.RegisterResourceResponse();
        response.setUrn(urn);
        const parent = request.getParent();
        if (!request.getCustom()) {
            this.resources.set(urn, { urn, type, parent, outputs: {} });
            return response;
        }
        const made = type.startsWith("pulumi:providers:")
            ? { id: name, properties: inputs }
            : await this.attempt(`creating ${type} ${name}`, () =>
                  this.provider(type).resourceType(type).create(inputs),
              );
        this.resources.set(urn, {
            urn,
            type,
            parent,
            id: made.id,
            protect: request.getProtect(),
            retainOnDelete: request.getRetainondelete(),
            inputs,
            outputs: made.properties,
        });
        response.setId(made.id);
        response.setObject(struct(made.properties));
        return response;
    }

    private async read(request: monitor.ReadResourceRequest) {
        const [type, name, id] = [request.getType(), request.getName(), request.getId()];
        const properties = await this.attempt(`reading ${type} ${name}`, async () => {
            const found = await this.provider(type).resourceType(type).read(id);
            if (!found) {
                throw new Error(`${id} does not exist`);
            }
            return found.properties;
        });
        const urn = this.urn(type, name, request.getParent());
        const parent = request.getParent();
        this.resources.set(urn, { urn, type, parent, id, external: true, outputs: properties });
        const response = new monitor.ReadResourceResponse();
        response.setUrn(urn);
        response.setProperties(struct(properties));
        return response;
    }

    /** Like the engine: reports the first failure, and tells the program to end. */
    private async attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
        try {
            return await work();
        } catch (error) {
            this.errors.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
            throw new ShuttingDown("the stand-in is shutting down");
        }
    }

    private provider(token: string): Provider {
        const name = token.split(":")[0];
        const found = this.providers.find((one) => one.name === name);
        if (!found) {
            throw new Error(`the stand-in has no provider ${name}`);
        }
        return found;
    }

    private urn(type: string, name: string, parent: string): string {
        const parentType = parent.split("::")[2] ?? "";
        const prefix = parentType === "" || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
        return `urn:pulumi:${this.stack}::${this.project}::${prefix}${type}::${name}`;
    }
}

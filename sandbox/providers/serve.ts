import { Metadata, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { plain, Server, struct } from "../grpc";
import { PartialFailure } from "./provider";
import type { Provider } from "./provider";

/**
 * Error details for a resource that exists although its creation or update failed. The engine reads them from this
 * field, which grpcResponseFromError in the SDK's provider/server.ts writes.
 */
function initializationFailure(error: unknown): Metadata | undefined {
    if (!(error instanceof PartialFailure)) {
        return undefined;
    }
    const { id, properties } = error.made;
    const failure = new proto.ErrorResourceInitFailed()
        .setId(id)
        .setProperties(struct(properties))
        .setReasonsList([error.message]);
    const details = new Any();
    details.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new Status().setCode(status.UNKNOWN).setMessage(error.message);
    answer.addDetails(details);
    const metadata = new Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
    return metadata;
}

/**
 * Inputs, in which those that `ignoreChanges` names are as the state has them. The engine itself compares inputs only, so
 * pulumi-terraform-bridge ignores them once more, in Diff and Update (pkg/tfbridge/provider.go, read on 2026-11-27).
 */
function withoutIgnored(request: proto.DiffRequest | proto.UpdateRequest) {
    const [inputs, state] = [plain(request.getNews()), plain(request.getOlds())];
    const ignored = request.getIgnorechangesList().filter((key) => key in inputs && key in state);
    return { ...inputs, ...Object.fromEntries(ignored.map((key) => [key, state[key]])) };
}

/** A server for a stand-in provider. The engine attaches to it by `PULUMI_DEBUG_PROVIDERS=<name>:<port>`. */
export class ProviderServer {
    private readonly server = new Server(initializationFailure);

    public constructor(private readonly provider: Provider) {
        this.server.add(ResourceProviderService, {
            attach: () => new Empty(),
            cancel: () => new Empty(),
            getPluginInfo: () => new PluginInfo().setVersion(provider.version),
            getSchema: () =>
                new proto.GetSchemaResponse().setSchema(
                    JSON.stringify({ name: provider.name, version: provider.version }),
                ),
            checkConfig: (request: proto.CheckRequest) =>
                new proto.CheckResponse().setInputs(request.getNews()),
            diffConfig: () => new proto.DiffResponse(),
            configure: async (request: proto.ConfigureRequest) => {
                await provider.configure?.(plain(request.getArgs()));
                return new proto.ConfigureResponse().setSupportspreview(true).setAcceptresources(false);
            },
            check: (request: proto.CheckRequest) => this.check(request),
            invoke: async (request: proto.InvokeRequest) =>
                new proto.InvokeResponse().setReturn(
                    struct(await provider.invoke(request.getTok(), plain(request.getArgs()))),
                ),
            diff: (request: proto.DiffRequest) => this.diff(request),
            create: (request: proto.CreateRequest) => this.create(request),
            read: (request: proto.ReadRequest) => this.read(request),
            update: (request: proto.UpdateRequest) => this.update(request),
            delete: async (request: proto.DeleteRequest) => {
                const timeout = request.getTimeout() || undefined;
                await this.typeOf(request).delete(request.getId(), plain(request.getProperties()), timeout);
                return new Empty();
            },
        });
    }

    /** @returns `<name>:<port>` for PULUMI_DEBUG_PROVIDERS. */
    public async listen(): Promise<string> {
        return `${this.provider.name}:${await this.server.listen()}`;
    }

    /** Waits for pending calls, then stops listening. */
    public close(): Promise<void> {
        return this.server.close();
    }

    private check(request: proto.CheckRequest) {
        const problems = this.typeOf(request).problems?.(plain(request.getNews())) ?? [];
        const failures = problems.map(({ property, reason }) =>
            new proto.CheckFailure().setProperty(property).setReason(reason),
        );
        return new proto.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
    }

    private typeOf(request: { getUrn(): string }) {
        const types = request.getUrn().split("::")[2] ?? "";
        return this.provider.resourceType(types.split("$").at(-1) as string);
    }

    private diff(request: proto.DiffRequest) {
        const type = this.typeOf(request);
        const changes = type.changes({
            state: plain(request.getOlds()),
            oldInputs: plain(request.getOldInputs()),
            inputs: withoutIgnored(request),
        });
        const replaces = changes.flatMap(({ path, replaces }) => (replaces ? [path] : []));
        const response = new proto.DiffResponse()
            .setChanges(proto.DiffResponse.DiffChanges[changes.length > 0 ? "DIFF_SOME" : "DIFF_NONE"])
            .setDiffsList([...new Set(changes.map(({ path }) => path.split(/[.[]/)[0] as string))])
            .setReplacesList(replaces)
            .setDeletebeforereplace(type.deleteBeforeReplace && replaces.length > 0)
            .setHasdetaileddiff(true);
        const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
        changes.forEach(({ path, replaces }) =>
            response
                .getDetaileddiffMap()
                .set(
                    path,
                    new proto.PropertyDiff().setKind(replaces ? UPDATE_REPLACE : UPDATE).setInputdiff(true),
                ),
        );
        return response;
    }

    private async create(request: proto.CreateRequest) {
        const [type, inputs] = [this.typeOf(request), plain(request.getProperties())];
        const { id, properties } = request.getPreview()
            ? { id: "", properties: type.planned(inputs) }
            : await type.create(inputs, request.getTimeout() || undefined);
        return new proto.CreateResponse().setId(id).setProperties(struct(properties));
    }

    private async read(request: proto.ReadRequest) {
        const type = this.typeOf(request);
        const found = await type.read(request.getId(), plain(request.getProperties()));
        const response = new proto.ReadResponse();
        if (!found) {
            return response;
        }
        const asked = plain(request.getInputs());
        const inputs = type.inputsOf(found.properties, Object.keys(asked).length > 0 ? asked : undefined);
        return response.setId(found.id).setProperties(struct(found.properties)).setInputs(struct(inputs));
    }

    private async update(request: proto.UpdateRequest) {
        const [type, inputs] = [this.typeOf(request), withoutIgnored(request)];
        const state = plain(request.getOlds());
        const properties = request.getPreview()
            ? { ...state, ...type.planned(inputs, state) }
            : await type.update(request.getId(), inputs, state);
        return new proto.UpdateResponse().setProperties(struct(properties));
    }
}

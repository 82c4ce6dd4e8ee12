import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { plain, Server, struct } from "../grpc";
import { changedPaths, isWithin } from "./diff";
import type { Provider } from "./provider";

/** A stand-in provider that the real engine can attach to, by `PULUMI_DEBUG_PROVIDERS=<name>:<port>`. */
export class ProviderServer {
    private readonly server = new Server();

    public constructor(private readonly provider: Provider) {
        this.server.add(ResourceProviderService, {
            attach: () => new Empty(),
            cancel: () => new Empty(),
            getPluginInfo: () => new PluginInfo().setVersion(provider.version),
            getSchema: () =>
                new proto.GetSchemaResponse().setSchema(
                    JSON.stringify({ name: provider.name, version: provider.version }),
                ),
            checkConfig: this.check,
            diffConfig: () => new proto.DiffResponse(),
            configure: (request: proto.ConfigureRequest) => {
                provider.configure?.(plain(request.getArgs()));
                return new proto.ConfigureResponse().setSupportspreview(true).setAcceptresources(false);
            },
            check: this.check,
            invoke: async (request: proto.InvokeRequest) =>
                new proto.InvokeResponse().setReturn(
                    struct(await provider.invoke(request.getTok(), plain(request.getArgs()))),
                ),
            diff: (request: proto.DiffRequest) => this.diff(request),
            create: (request: proto.CreateRequest) => this.create(request),
            read: (request: proto.ReadRequest) => this.read(request),
            update: (request: proto.UpdateRequest) => this.update(request),
            delete: async (request: proto.DeleteRequest) => {
                await this.typeOf(request).delete(request.getId(), plain(request.getProperties()));
                return new Empty();
            },
        });
    }

    /** @returns what the engine has to be told to attach: `<name>:<port>`. */
    public async listen(): Promise<string> {
        return `${this.provider.name}:${await this.server.listen()}`;
    }

    /** Waits for what is under way, then stops listening. */
    public close(): Promise<void> {
        return this.server.close();
    }

    private readonly check = (request: proto.CheckRequest) =>
        new proto.CheckResponse().setInputs(request.getNews());

    private typeOf(request: { getUrn(): string }) {
        const types = request.getUrn().split("::")[2] ?? "";
        return this.provider.resourceType(types.split("$").at(-1) as string);
    }

    private diff(request: proto.DiffRequest) {
        const { replaceOn, computed, deleteBeforeReplace } = this.typeOf(request);
        const [before, after] = [plain(request.getOldInputs()), plain(request.getNews())];
        const kept = computed
            .filter((key) => !(key in after))
            .map((key): [string, unknown] => [key, before[key]]);
        const changed = changedPaths(before, { ...after, ...Object.fromEntries(kept) });
        const replaces = changed.filter((path) => replaceOn.some((one) => isWithin(path, one)));
        const response = new proto.DiffResponse()
            .setChanges(proto.DiffResponse.DiffChanges[changed.length > 0 ? "DIFF_SOME" : "DIFF_NONE"])
            .setDiffsList([...new Set(changed.map((path) => path.split(".")[0] as string))])
            .setReplacesList(replaces)
            .setDeletebeforereplace(deleteBeforeReplace && replaces.length > 0)
            .setHasdetaileddiff(true);
        const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
        changed.forEach((path) =>
            response
                .getDetaileddiffMap()
                .set(
                    path,
                    new proto.PropertyDiff()
                        .setKind(replaces.includes(path) ? UPDATE_REPLACE : UPDATE)
                        .setInputdiff(true),
                ),
        );
        return response;
    }

    private async create(request: proto.CreateRequest) {
        const [type, inputs] = [this.typeOf(request), plain(request.getProperties())];
        const { id, properties } = request.getPreview()
            ? { id: "", properties: type.planned(inputs) }
            : await type.create(inputs);
        return new proto.CreateResponse().setId(id).setProperties(struct(properties));
    }

    private async read(request: proto.ReadRequest) {
        const type = this.typeOf(request);
        const properties = await type.read(request.getId(), plain(request.getProperties()));
        const response = new proto.ReadResponse();
        if (!properties) {
            return response;
        }
        const asked = plain(request.getInputs());
        const inputs = type.inputsOf(properties, Object.keys(asked).length > 0 ? asked : undefined);
        return response.setId(request.getId()).setProperties(struct(properties)).setInputs(struct(inputs));
    }

    private async update(request: proto.UpdateRequest) {
        const [type, inputs] = [this.typeOf(request), plain(request.getNews())];
        const old = plain(request.getOlds());
        const properties = request.getPreview()
            ? { ...old, ...type.planned(inputs) }
            : await type.update(request.getId(), inputs, old);
        return new proto.UpdateResponse().setProperties(struct(properties));
    }
}

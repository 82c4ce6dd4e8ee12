import { AsyncLocalStorage } from "node:async_hooks";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** A resource's properties as plain JSON. */
export type Properties = Record<string, unknown>;

/** Answers one method: returns the response or throws. */
export type Handler = (request: never) => unknown;

/** Aborted, for all that a handler does, once its client has ended: grpc-go cancels a call's context then, too. */
export const clientSignal = new AsyncLocalStorage<AbortSignal>();

/** A gRPC server on this machine that knows what it is working on. */
export class Server {
    private readonly server = new grpc.Server();

    /** @param metadataOf - Details of an error beside its text, as the client wants them. */
    public constructor(
        private readonly metadataOf: (error: unknown) => grpc.Metadata | undefined = () => undefined,
    ) {}

    private readonly underWay = new Set<Promise<unknown>>();

    /** Adds a service; methods without a handler answer that they aren't implemented. */
    public add(definition: grpc.ServiceDefinition, handlers: Readonly<Record<string, Handler>>): void {
        const methods = Object.keys(definition).map(
            (name) => [name, this.method(name, handlers[name])] as const,
        );
        this.server.addService(definition, Object.fromEntries(methods));
    }

    /** @returns the port that it listens on. */
    public listen(): Promise<number> {
        return new Promise((resolve, reject) =>
            this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
                error ? reject(error) : resolve(port),
            ),
        );
    }

    /** Waits for what is under way, then stops listening. */
    public async close(): Promise<void> {
        await Promise.allSettled(this.underWay);
        this.server.forceShutdown();
    }

    private method(name: string, handler?: Handler): grpc.handleUnaryCall<unknown, unknown> {
        return (call, answer) => {
            if (!handler) {
                answer({ code: grpc.status.UNIMPLEMENTED, details: `${name} is not implemented` });
                return;
            }
            const client = new AbortController();
            call.on("cancelled", () => client.abort(new Error("the client has ended")));
            const work = clientSignal.run(client.signal, () =>
                Promise.resolve(call.request as never).then(handler),
            );
            this.underWay.add(work);
            void work
                .then(
                    (response) => answer(null, response),
                    (error: unknown) =>
                        answer({
                            code:
                                error instanceof ShuttingDown ? grpc.status.UNAVAILABLE : grpc.status.UNKNOWN,
                            details: error instanceof Error ? error.message : String(error),
                            metadata: this.metadataOf(error),
                        }),
                )
                .finally(() => this.underWay.delete(work));
        };
    }
}

/** There is nobody left to ask: a Pulumi program that is told so ends without more words. */
export class ShuttingDown extends Error {}

/** A message's properties as plain JSON. */
export function plain(properties: Struct | undefined): Properties {
    return properties?.toJavaScript() ?? {};
}

/** Plain JSON as a message's properties. */
export function struct(properties: Properties): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}

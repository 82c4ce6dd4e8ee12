import { AsyncLocalStorage } from "node:async_hooks";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** A resource's properties as plain JSON. */
export type Properties = Record<string, unknown>;

/** Answers one method: returns the response or throws. */
export type Handler = (request: never) => unknown;

/** Signal of a handler's client: aborted when the client ends, as grpc-go cancels the context of a call. */
export const clientSignal = new AsyncLocalStorage<AbortSignal>();

/** A gRPC server on this machine that can wait for its pending calls. */
export class Server {
    private readonly server = new grpc.Server();

    /** @param metadataOf - Returns details of an error for the client. */
    public constructor(
        private readonly metadataOf: (error: unknown) => grpc.Metadata | undefined = () => undefined,
    ) {}

    private readonly pendingCalls = new Set<Promise<unknown>>();

    /** Adds a service. Methods without a handler answer "unimplemented". */
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

    /** Waits for pending calls, then stops listening. */
    public async close(): Promise<void> {
        await Promise.allSettled(this.pendingCalls);
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
            this.pendingCalls.add(work);
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
                .finally(() => this.pendingCalls.delete(work));
        };
    }
}

/** The answer while shutting down: a Pulumi program that receives it ends without a further message. */
export class ShuttingDown extends Error {}

/** A message's properties as plain JSON. */
export function plain(properties: Struct | undefined): Properties {
    return properties?.toJavaScript() ?? {};
}

/** Plain JSON as a message's properties. */
export function struct(properties: Properties): Struct {
    return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}

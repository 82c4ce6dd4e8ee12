import { getOrganization, getProject, getStack, log } from "@pulumi/pulumi";
import { ResourceInvokeRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { isRpcSecret, unwrapRpcSecret } from "@pulumi/pulumi/runtime/rpc";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { supportsErrorHooks } from "./hooks";
import { childTypes, storageType } from "./resourceTypes";
import { perProgram } from "./perProgram";

/** The components and the children of these types that the stack's state has, by URN. */
export type StackState = Readonly<Record<string, StateResource>>;

/** A resource as the state has it. */
export interface StateResource {
    readonly type: string;
    readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * The stack's own state as it was when the program began, read once for the whole program; undefined where the engine
 * doesn't tell.
 *
 * Releases of the CLI before 3.206.0 of 2025-11-05 fail when they are asked for the state of a stack that was never
 * updated: they don't have error hooks (GetStackResourceOutputs in pkg/backend/backend.go, CreateStack in
 * pkg/backend/diy/backend.go of pulumi/pulumi 1b59498, read on 2026-11-27).
 */
export const readStackState = perProgram((): Promise<StackState | undefined> =>
    supportsErrorHooks() ? askFor(getMonitor() as unknown as Monitor) : Promise.resolve(undefined),
);

interface Monitor {
    invoke(
        request: ResourceInvokeRequest,
        callback: (error: Error | null, response?: InvokeResponse) => void,
    ): void;
}

/** Not the SDK's own call: that would take references to resources, of which the state is full, for resources. */
async function askFor(monitor: Monitor): Promise<StackState | undefined> {
    const organization = getOrganization();
    // A backend that knows no owners calls itself so.
    const stackName =
        organization === "organization" ? getStack() : `${organization}/${getProject()}/${getStack()}`;
    const request = new ResourceInvokeRequest();
    request.setTok("pulumi:pulumi:readStackResourceOutputs");
    request.setArgs(Struct.fromJavaScript({ stackName }));
    request.setAcceptresources(false);
    try {
        const response = await new Promise<InvokeResponse | undefined>((resolve, reject) =>
            monitor.invoke(request, (error, answer) => (error ? reject(error) : resolve(answer))),
        );
        const answer = response?.getReturn()?.toJavaScript() as { outputs?: StackState } | undefined;
        const resources = Object.entries(answer?.outputs ?? {});
        return Object.fromEntries(
            resources.filter(([, { type }]) => isKnownType(type)).map(([urn, one]) => [urn, plain(one)]),
        );
    } catch (error) {
        void log.debug(`the stack's own state can't be read: ${String(error)}`);
        return undefined;
    }
}

function isKnownType(type: string): boolean {
    return type === storageType || Object.values<string>(childTypes).includes(type);
}

/** Secrets are compared like everything else, and never shown. */
function plain<T>(value: T): T {
    const bare = (isRpcSecret(value) ? unwrapRpcSecret(value) : value) as T;
    if (Array.isArray(bare)) {
        return bare.map(plain) as T;
    }
    return typeof bare === "object" && bare !== null
        ? (Object.fromEntries(Object.entries(bare).map(([key, inner]) => [key, plain(inner)])) as T)
        : bare;
}

/** URN of a component's child. */
export function childUrn(component: string, type: string, name: string): string {
    const [stack, project, types] = component.split("::");
    return [stack, project, `${types}$${type}`, name].join("::");
}

import { ec2Error, kubernetesError, lifecycleError } from "../../../sandbox/faults";
import type { Answer, Fault, FaultProxy, FaultyServers, Request } from "../../../sandbox/faults";

/** Ways in which one request can fail. */
export const failures = ["before its effect", "after its effect", "answer lost"] as const;

/** The last one is a connection that is cut after the effect: clients of AWS send the request again by themselves. */
export type Failure = (typeof failures)[number];

/** A request of an update to fail. */
export interface Position {
    /** Counted from 1, among those that change something. */
    readonly number: number;
    readonly failure: Failure;
}

interface Service {
    readonly proxy: FaultProxy;
    readonly isFor: (request: Request) => boolean;
    readonly refusal: Answer;
}

/** Counts the requests that change something in AWS or the cluster, and lets one of them fail, once. */
export class Writes {
    /** Each request in words, in order. */
    public readonly seen: string[] = [];
    private readonly proxies: readonly FaultProxy[];

    public constructor({ ec2, kubernetes }: FaultyServers, position?: Position) {
        this.proxies = [ec2, kubernetes];
        for (const { proxy, isFor, refusal } of services(ec2, kubernetes)) {
            proxy.fail(position ? faultOf(position.failure, refusal, proxy === kubernetes) : refusal, {
                times: 1,
                matching: (request) => isFor(request) && this.isThe(position?.number, request),
            });
        }
    }

    /** Lets all requests pass from now on. */
    public end(): void {
        this.proxies.forEach((proxy) => proxy.heal());
    }

    private isThe(number: number | undefined, request: Request): boolean {
        const name = nameOf(request);
        return name !== undefined && this.seen.push(name) === number;
    }
}

function faultOf(failure: Failure, refusal: Answer, isKubernetes: boolean): Fault {
    if (failure === "before its effect") {
        return refusal;
    }
    return failure === "answer lost" || isKubernetes ? "cut after" : { ...refusal, isDone: true };
}

function services(ec2: FaultProxy, kubernetes: FaultProxy): Service[] {
    const isEc2 = ({ body }: Request) => body.includes("Action=");
    return [
        { proxy: ec2, isFor: isEc2, refusal: ec2Error(403, "UnauthorizedOperation") },
        {
            proxy: ec2,
            isFor: (request) => !isEc2(request),
            refusal: lifecycleError(403, "AccessDeniedException"),
        },
        { proxy: kubernetes, isFor: () => true, refusal: kubernetesError(403, "Forbidden") },
    ];
}

/** The name of a request that changes something, such as `CreateVolume` or `DELETE persistentvolumes/data-0`. */
function nameOf({ method, path, body }: Request): string | undefined {
    const [, action] = /\bAction=(\w+)/.exec(body) ?? [];
    if (action !== undefined) {
        return /^(Describe|Get)/.test(action) ? undefined : action;
    }
    const isRead = method === "GET" || /[?&]dryRun=|(subjectaccess|selfsubject)\w*reviews/.test(path);
    return isRead
        ? undefined
        : `${method} ${path.replace(/\?.*/, "").replace(/^\/apis?\/([^/]+\/)*?(?=persistentvolume|storageclass|namespaces)/, "")}`;
}

import { EC2Client, paginateDescribeVolumes } from "@aws-sdk/client-ec2";
import type { Filter, Volume } from "@aws-sdk/client-ec2";
import { ApiException, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { printable } from "../../components/validation/problems";
import { clusterNamesOf } from "./clusterNames";
import type { NameSources } from "./clusterNames";
import { tagsOf, volumeIdOf } from "./seen";
import type { Cluster, Ec2, Seen } from "./seen";
import { readState } from "./state";
import type { State } from "./state";

// The SDK's releases of 2027 will want Node 22; the pinned one is content with Node 20 but says so each time.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** What to look at. */
export interface Options {
    /** Name of the cluster in its volumes' tags. */
    readonly cluster?: string;
    /** The stack whose state to look at; the selected one unless told otherwise. */
    readonly stack?: string;
    /** A file with what `pulumi stack export` prints, in place of a stack. */
    readonly state?: string;
}

/** Told, a line at a time, what couldn't be looked at and why. */
export type Note = (line: string) => void;

/** What says which volumes matter. */
interface InCluster {
    readonly cluster: Pick<Cluster, "persistentVolumes">;
    readonly state: State | undefined;
}

/** EC2 takes at most this many values for a filter. */
export const filterValues = 200;

/**
 * Looks at Kubernetes, at EC2 and at the stack's state. This file is the one place that does, and it only
 * reads.
 *
 * @param note - Told, a line at a time, what couldn't be looked at and why.
 * @throws Error if Kubernetes, or what the options name, can't be read.
 */
export async function look(options: Options, note: Note): Promise<Seen> {
    const [cluster, state] = await Promise.all([lookAtCluster(note), lookAtStack(options, note)]);
    const { ec2, clusterNames, unsure } = await lookAtAccount({ cluster, state }, options, note);
    if (unsure !== undefined) {
        note(`volumes that nobody knows weren't looked for: ${unsure}`);
    }
    return { cluster, state, ec2, clusterNames };
}

/**
 * Looks at the stack's state, if there is one.
 *
 * @throws Error if the options name one that can't be read.
 */
export async function lookAtStack(options: Options, note: Note): Promise<State | undefined> {
    try {
        return await lookAtState(options);
    } catch (error) {
        if (options.stack !== undefined || options.state !== undefined) {
            throw error;
        }
        note(`looked without a stack's state: ${messageOf(error)}`);
        return undefined;
    }
}

/**
 * Looks at EC2, if it can be reached, and finds out how the cluster is called there.
 *
 * @returns what is there, and why no name of the cluster is sure.
 */
export async function lookAtAccount(
    { cluster, state }: InCluster,
    options: Options,
    note: Note,
): Promise<Pick<Seen, "ec2" | "clusterNames"> & { readonly unsure?: string }> {
    const told = {
        given: options.cluster === undefined ? [] : [options.cluster],
        inState: state?.volumes.flatMap(({ clusterName, storage }) => (storage && clusterName) ?? []) ?? [],
    };
    try {
        const { ec2, inTags } = await lookAtEc2({ cluster, state }, await regionOf(state, options), told);
        const sources = { ...told, inTags };
        const clusterNames = clusterNamesOf(sources);
        return { ec2, clusterNames, unsure: clusterNames.length === 0 ? whyNot(sources) : undefined };
    } catch (error) {
        note(`EC2 wasn't looked at: ${messageOf(error)}; check the credentials, AWS_PROFILE and AWS_REGION`);
        return { clusterNames: clusterNamesOf({ ...told, inTags: [] }) };
    }
}

/**
 * Looks at Kubernetes.
 *
 * @throws Error if it can't be reached.
 */
export async function lookAtCluster(note: Note): Promise<Cluster> {
    const config = new KubeConfig();
    config.loadFromDefault();
    const context = config.getCurrentContext();
    const api = config.makeApiClient(CoreV1Api);
    const nodes = api.listNode().catch((error: unknown) => {
        // Not everyone who may see disks may see nodes.
        if (error instanceof ApiException && error.code === 403) {
            note("the zones of the nodes weren't looked at: the user of the kubeconfig may not list nodes");
            return undefined;
        }
        throw error;
    });
    try {
        const [persistentVolumes, claims, pods, all] = await Promise.all([
            api.listPersistentVolume(),
            api.listPersistentVolumeClaimForAllNamespaces(),
            api.listPodForAllNamespaces(),
            nodes,
        ]);
        return {
            context,
            persistentVolumes: persistentVolumes.items,
            claims: claims.items,
            pods: pods.items,
            nodes: all?.items,
        };
    } catch (error) {
        throw new Error(`the cluster of context ${context} can't be looked at: ${messageOf(error)}`);
    }
}

/** What the file or the stack says; without either, the selected stack. */
async function lookAtState(options: Options): Promise<State> {
    if (options.state !== undefined) {
        const exported = await readFile(options.state, "utf8").catch((error: unknown) => {
            throw new Error(
                `--state must be a file, got "${printable(options.state ?? "")}" (${messageOf(error)})`,
            );
        });
        return readState(exported, `--state ${printable(options.state)}`);
    }
    return readState(await pulumi(["stack", "export"], options), "the stack's state");
}

/** Where the stack's volumes are. Undefined leaves it to the environment, as for any AWS tool. */
export async function regionOf(state: State | undefined, options: Options): Promise<string | undefined> {
    if (!state || state.region !== undefined || options.state !== undefined) {
        return state?.region;
    }
    return pulumi(["config", "get", "aws:region"], options).then(
        (region) => region.trim(),
        () => undefined,
    );
}

async function pulumi(command: readonly string[], { stack }: Options): Promise<string> {
    const args = [...command, "--non-interactive", ...(stack === undefined ? [] : [`--stack=${stack}`])];
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    try {
        // The states of large stacks are.
        const { stdout } = await promisify(execFile)("pulumi", args, { env, maxBuffer: 2 ** 30 });
        return stdout;
    } catch (error) {
        const { code, stderr } = error as { code?: unknown; stderr?: string };
        throw new Error(
            code === "ENOENT"
                ? "there is no Pulumi CLI on the PATH, give --state <file>"
                : `pulumi says "${firstLine((stderr ?? "").replace(/^error: /, ""))}", give --stack <name> or --state <file>`,
        );
    }
}

async function lookAtEc2(
    { cluster, state }: InCluster,
    stackRegion: string | undefined,
    told: Pick<NameSources, "given" | "inState">,
): Promise<{ ec2: Ec2; inTags: string[] }> {
    const client = ec2ClientFor(stackRegion);
    try {
        const region = await client.config.region();
        const inCluster = new Set(cluster.persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []));
        const ids = [...new Set([...inCluster, ...(state?.volumes ?? []).map(({ volumeId }) => volumeId)])];
        const named = await describeVolumes(client, "volume-id", ids);
        const inTags = named
            .filter(({ VolumeId = "" }) => inCluster.has(VolumeId))
            .flatMap((volume) => tagsOf(volume).KubernetesCluster ?? []);
        const tagged = await describeVolumes(
            client,
            "tag:KubernetesCluster",
            clusterNamesOf({ ...told, inTags }),
        );
        const volumes = new Map([...named, ...tagged].map((volume) => [volume.VolumeId, volume]));
        return { ec2: { region, volumes: [...volumes.values()] }, inTags };
    } finally {
        client.destroy();
    }
}

/** A client for the region, or for that of the environment. */
export function ec2ClientFor(stackRegion: string | undefined): EC2Client {
    // The AWS CLI and Pulumi know both names, the SDK for JavaScript only the first.
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    return new EC2Client({
        region: [stackRegion, AWS_REGION, AWS_DEFAULT_REGION].find((region) => !!region),
    });
}

/** By a filter, since one id that doesn't exist fails a call that asks for ids. */
export async function describeVolumes(
    client: EC2Client,
    Name: string,
    values: readonly string[],
): Promise<Volume[]> {
    const found: Volume[] = [];
    for (let start = 0; start < values.length; start += filterValues) {
        const Filters: Filter[] = [{ Name, Values: values.slice(start, start + filterValues) }];
        for await (const { Volumes = [] } of paginateDescribeVolumes(
            { client, pageSize: 500 },
            { Filters },
        )) {
            found.push(...Volumes);
        }
    }
    return found;
}

function whyNot({ given, inState, inTags }: NameSources): string {
    const [told, tagged] = [[...given, ...inState], inTags].map((names) =>
        [...new Set(names)].sort().join(" and "),
    );
    if (tagged === "") {
        return "the cluster's name isn't known, give --cluster <name>";
    }
    return told === ""
        ? `the cluster has volumes with the tags of ${tagged}, give --cluster <name>`
        : `the cluster has volumes with the tags of ${tagged}, not of ${told}; check --cluster, the stack and the kubeconfig's context`;
}

/** The first line of what an error says. */
export function messageOf(error: unknown): string {
    if (error instanceof ApiException) {
        return `it answers ${error.code}`;
    }
    const { message, code, name } = error as { message?: string; code?: string; name?: string };
    return firstLine(message || code || name || String(error));
}

function firstLine(text: string): string {
    return text.trim().split("\n")[0] ?? "";
}

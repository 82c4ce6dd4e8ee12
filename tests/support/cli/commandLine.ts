import { DescribeSnapshotsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import type { Filter, Snapshot, Tag, Volume } from "@aws-sdk/client-ec2";
import {
    ApiException,
    AppsV1Api,
    CoreV1Api,
    KubernetesObjectApi,
    PatchStrategy,
} from "@kubernetes/client-node";
import type { KubernetesObject } from "@kubernetes/client-node";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { kubeConfig } from "../../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../../sandbox/ec2/instances";
import { until } from "../../../sandbox/until";
import type { Servers } from "../../../sandbox/servers";
import { project } from "../cluster/sandbox";

const execute = promisify(execFile);
const namespace = "default";
const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

type Options = Readonly<Record<string, string | boolean | undefined>>;

/**
 * `kubectl` and `aws` from the PATH, or else replacements for the forms that the pages use. Other forms are errors
 * then.
 */
export class CommandLine {
    private readonly core: CoreV1Api;
    private readonly apps: AppsV1Api;
    private readonly objects: KubernetesObjectApi;

    public constructor(
        private readonly servers: Servers,
        private readonly isOnPath: Readonly<Record<string, boolean>>,
    ) {
        const config = kubeConfig(servers);
        this.core = config.makeApiClient(CoreV1Api);
        this.apps = config.makeApiClient(AppsV1Api);
        this.objects = KubernetesObjectApi.makeApiClient(config);
    }

    /** Finds the programs, and prints the result. */
    public static async of(servers: Servers): Promise<CommandLine> {
        const programs = { kubectl: ["version", "--client"], aws: ["--version"] };
        const found = await Promise.all(
            Object.entries(programs).map(async ([program, words]): Promise<[string, boolean]> => [
                program,
                await execute(program, words, { cwd: project, env: process.env }).then(
                    () => true,
                    () => false,
                ),
            ]),
        );
        const isOnPath = Object.fromEntries(found);
        console.log(`    on the PATH: ${JSON.stringify(isOnPath)}`);
        return new CommandLine(servers, isOnPath);
    }

    /** @returns the command's output. */
    public async run([program = "", ...words]: readonly string[]): Promise<string> {
        if (this.isOnPath[program]) {
            const env = { ...process.env, ...this.servers.environment };
            return (await execute(program, [...words], { cwd: project, env })).stdout;
        }
        return program === "kubectl" ? this.kubectl(words) : this.aws(words);
    }

    private async kubectl([verb = "", ...words]: readonly string[]): Promise<string> {
        switch (verb) {
            case "scale": {
                const [[kind, name = ""], { replicas }] = read(words, { replicas: text });
                assertKnownForm(kind === "statefulset" && replicas !== undefined, verb, words);
                const body = [{ op: "replace", path: "/spec/replicas", value: Number(replicas) }];
                await this.apps.patchNamespacedStatefulSetScale({ name, namespace, body });
                return "";
            }
            case "delete": {
                const options = { force: flag, "ignore-not-found": flag };
                const [[kind = "", ...names], { force, "ignore-not-found": ignore }] = read(words, options);
                for (const name of names) {
                    await this.remove(kind, name, force === true).catch((error: unknown) => {
                        if (ignore !== true || !isNotFound(error)) {
                            throw error;
                        }
                    });
                }
                await Promise.all(names.map((name) => this.waitUntilGone(kind, name, 120)));
                return "";
            }
            case "patch": {
                const [things, { type, patch }] = read(words, { type: text, patch: text });
                const [kind, name = ""] = things.flatMap((thing) => thing.split("/"));
                assertKnownForm(kind === "pv" && type === "json", verb, words);
                await this.core.patchPersistentVolume({ name, body: JSON.parse(String(patch)) as object });
                return "";
            }
            case "wait":
                return this.wait(...read(words, { for: text, timeout: text }));
            case "rollout": {
                const [[what, kind, name = ""], { timeout }] = read(words, { timeout: text });
                assertKnownForm(what === "status" && kind === "statefulset", verb, words);
                const isReady = async () => {
                    const { spec, status } = await this.apps.readNamespacedStatefulSet({ name, namespace });
                    return status?.readyReplicas === spec?.replicas || undefined;
                };
                await until(isReady, `statefulset ${name} to be ready`, seconds(timeout));
                return "";
            }
            case "apply": {
                const [, { filename }] = read(words, { filename: text });
                const manifests = readFileSync(join(project, String(filename)), "utf8");
                for (const manifest of parseAllDocuments(manifests)) {
                    await this.apply(manifest.toJS() as KubernetesObject);
                }
                return "";
            }
            case "get": {
                const [[kind = "", name], { output }] = read(words, { output: { ...text, short: "o" } });
                if (/^pods?\b/.test(kind) && (output === undefined || output === "wide")) {
                    const { items } = await this.core.listNamespacedPod({ namespace });
                    const pods = items.filter(
                        ({ metadata }) => name === undefined || metadata?.name === name,
                    );
                    return lines(
                        pods.map(({ metadata, status }) => [`pod/${metadata?.name}`, status?.phase]),
                    );
                }
                const columns = /^custom-columns=:\.metadata\.name,:\.spec\.csi\.volumeHandle(.*)$/;
                const [form, claim] = columns.exec(String(output)) ?? [];
                assertKnownForm(
                    kind === "pv" && form !== undefined && ["", ",:.spec.claimRef.name"].includes(claim!),
                    verb,
                    words,
                );
                const { items } = await this.core.listPersistentVolume();
                return lines(
                    items.map(({ metadata, spec }) => [
                        metadata?.name,
                        spec?.csi?.volumeHandle,
                        ...(claim ? [spec?.claimRef?.name] : []),
                    ]),
                );
            }
            default:
                throw unknownForm("kubectl", [verb, ...words]);
        }
    }

    private async wait(things: string[], options: Options): Promise<string> {
        const { for: condition = "", timeout } = options;
        const named = things.map((thing) => thing.split("/") as [string, string]);
        for (const [kind, name] of named) {
            const object = () => this.read(kind, name);
            switch (condition) {
                case "delete":
                    await this.waitUntilGone(kind, name, seconds(timeout));
                    break;
                case "condition=Ready":
                    await until(
                        async () =>
                            (await object()).status?.conditions?.some(
                                ({ type, status }) => type === "Ready" && status === "True",
                            ) || undefined,
                        `${kind} ${name} to be ready`,
                        seconds(timeout),
                    );
                    break;
                case "jsonpath={.status.phase}=Bound":
                    await until(
                        async () => (await object()).status?.phase === "Bound" || undefined,
                        `${kind} ${name} to be bound`,
                        seconds(timeout),
                    );
                    break;
                default:
                    throw unknownForm("kubectl", ["wait", String(condition)]);
            }
        }
        return "";
    }

    private waitUntilGone(kind: string, name: string, timeout: number): Promise<true> {
        const isGone = () =>
            this.read(kind, name).then(
                () => undefined,
                (error: unknown) => {
                    if (!isNotFound(error)) {
                        throw error;
                    }
                    return true as const;
                },
            );
        return until(isGone, `${kind} ${name} to be gone`, timeout);
    }

    private async read(kind: string, name: string) {
        const read: Record<string, () => Promise<{ status?: Status }>> = {
            pod: () => this.core.readNamespacedPod({ name, namespace }),
            pvc: () => this.core.readNamespacedPersistentVolumeClaim({ name, namespace }),
            pv: () => this.core.readPersistentVolume({ name }),
        };
        assertKnownForm(kind in read, "get", [kind, name]);
        return read[kind]!();
    }

    private async remove(kind: string, name: string, force: boolean): Promise<void> {
        assertKnownForm(kind === "pod" || (["pvc", "pv"].includes(kind) && !force), "delete", [kind]);
        const removals: Record<string, () => Promise<unknown>> = {
            pod: () =>
                this.core.deleteNamespacedPod({ name, namespace, ...(force && { gracePeriodSeconds: 0 }) }),
            pvc: () => this.core.deleteNamespacedPersistentVolumeClaim({ name, namespace }),
            pv: () => this.core.deletePersistentVolume({ name }),
        };
        await removals[kind]!();
    }

    private async apply(object: KubernetesObject): Promise<void> {
        const inNamespace = { ...object, metadata: { namespace, ...object.metadata } };
        const { ServerSideApply } = PatchStrategy;
        await this.objects.patch(inNamespace, undefined, undefined, "kubectl", true, ServerSideApply);
    }

    private async aws([service, verb = "", ...words]: readonly string[]): Promise<string> {
        const filter = { ...text, multiple: true } as const;
        const options = { "owner-ids": text, filters: filter, query: text, output: text };
        const { values } = parseArgs({ args: listed(words, "--filters"), options });
        const { "owner-ids": owner, filters = [], query, output } = values;
        assertKnownForm(service === "ec2" && output === "text", verb, words);
        const Filters = filters.map(filterOf);
        const client = ec2Client(this.servers);
        const pv = "Tags[?Key==`kubernetes.io/created-for/pv/name`]|[0].Value";
        switch (`${verb} ${query}`) {
            case "describe-snapshots sort_by(Snapshots,&StartTime)[].[SnapshotId,StartTime,VolumeId]": {
                const OwnerIds = [String(owner)];
                const { Snapshots = [] } = await client.send(
                    new DescribeSnapshotsCommand({ OwnerIds, Filters }),
                );
                const time = ({ StartTime }: Snapshot) => StartTime?.getTime() ?? 0;
                const sorted = [...Snapshots].sort((a, b) => time(a) - time(b));
                return lines(
                    sorted.map(({ SnapshotId, StartTime, VolumeId }) => [
                        SnapshotId,
                        StartTime?.toISOString(),
                        VolumeId,
                    ]),
                );
            }
            case `describe-volumes Volumes[].[VolumeId,AvailabilityZone,Size,${pv}]`: {
                const { Volumes = [] } = await client.send(new DescribeVolumesCommand({ Filters }));
                return lines(
                    Volumes.map((one) => [one.VolumeId, one.AvailabilityZone, one.Size, ownerOf(one)]),
                );
            }
            default:
                throw unknownForm("aws", ["ec2", verb, ...words]);
        }
    }
}

interface Status {
    phase?: string;
    conditions?: { type: string; status: string }[];
}

/** Name of the PersistentVolume that a volume was created for. */
function ownerOf({ Tags = [] }: Volume): string | undefined {
    return Tags.find(({ Key }: Tag) => Key === "kubernetes.io/created-for/pv/name")?.Value;
}

/** A filter in the AWS CLI's syntax: `Name=<name>,Values=<value>,<value>`. */
function filterOf(filter: string): Filter {
    const [, Name, values = ""] = /^Name=([^,]+),Values=(.+)$/.exec(filter) ?? [];
    assertKnownForm(Name !== undefined, "--filters", [filter]);
    return { Name, Values: values.split(",") };
}

/** Repeats an option before each value of its list. */
function listed(words: readonly string[], option: string): string[] {
    let isInList = false;
    return words.flatMap((word) => {
        const isOption = word.startsWith("--");
        const repeats = isInList && !isOption;
        isInList = word === option || repeats;
        return word === option ? [] : repeats ? [option, word] : [word];
    });
}

function read(
    words: readonly string[],
    options: Record<string, (typeof text | typeof flag) & { short?: string }>,
): [string[], Options] {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    return [positionals, values];
}

function seconds(timeout: string | boolean | undefined): number {
    const [, number] = /^(\d+)s$/.exec(String(timeout)) ?? [];
    assertKnownForm(number !== undefined, "--timeout", [String(timeout)]);
    return Number(number);
}

function lines(rows: readonly (readonly (string | number | undefined)[])[]): string {
    return rows.map((row) => `${row.join("\t")}\n`).join("");
}

function isNotFound(error: unknown): boolean {
    return error instanceof ApiException && error.code === 404;
}

function assertKnownForm(isKnown: boolean, verb: string, words: readonly string[]): asserts isKnown {
    if (!isKnown) {
        throw unknownForm(verb, words);
    }
}

function unknownForm(program: string, words: readonly string[]): Error {
    return new Error(`the tests don't know this form of a command: ${[program, ...words].join(" ")}`);
}

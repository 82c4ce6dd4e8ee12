import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import type { Unwrap } from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { isVolumeType } from "../../../components/engine/resourceTypes";
import type { StackState } from "../../../components/engine/stackState";

/** A registered resource with its options. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    readonly parent: string;
    readonly provider: string;
    readonly inputs: Record<string, unknown>;
    /** Undefined if the program doesn't set it. */
    readonly protect: boolean | undefined;
    readonly retainOnDelete: boolean | undefined;
    readonly ignoreChanges: string[];
    readonly additionalSecretOutputs: string[];
    readonly dependencies: string[];
    readonly customTimeouts: Record<string, string>;
    readonly beforeUpdate: string[];
}

/** A call of a provider's function. */
export interface Call {
    readonly token: string;
    readonly inputs: Record<string, unknown>;
    readonly provider: string;
}

/** The mocked account and cluster. */
export interface World {
    /** The provider's region. */
    readonly region?: string;
    /** The region's zones, in the order of EC2's answer. */
    readonly zones?: readonly string[];
    /** Zones that are only in answers without a filter for the type availability-zone. */
    readonly localZones?: readonly string[];
    /** Ids of zones, by name. */
    readonly zoneIds?: Readonly<Record<string, string>>;
    readonly instances?: readonly MockInstance[];
    /** Existing EBS volumes, by id. */
    readonly volumes?: Readonly<
        Record<
            string,
            {
                availabilityZone: string;
                size: number;
                snapshotId?: string;
                encrypted?: boolean;
                kmsKeyId?: string;
                tags: Record<string, string>;
            }
        >
    >;
    /** The newest snapshot of volumes, by the volume's id. */
    readonly snapshots?: Readonly<Record<string, string>>;
    /** Ids of volumes and of complete snapshots, the newest first, by the PersistentVolume that they were made for. */
    readonly madeFor?: Readonly<Record<string, readonly string[]>>;
    /** Snapshots by their ids: when they were begun, of which volume, and its size in GiB. */
    readonly snapshotDetails?: Readonly<
        Record<string, { startTime: string; volumeId: string; volumeSize: number }>
    >;
    /** The last volume that was made for a PersistentVolume, by its name. */
    readonly lastMadeFor?: Readonly<Record<string, { volumeId: string; createTime: string }>>;
    /** Ids of volumes that are attached. */
    readonly attached?: readonly string[];
    /** The same, with the instances' ids. */
    readonly attachedTo?: Readonly<Record<string, string>>;
    /** Keys of a volume's tags that the provider hides, by the volume's id. */
    readonly hiddenTags?: Readonly<Record<string, readonly string[]>>;
    /** False for an AWS provider whose settings are unknown, so that it can't be called. */
    readonly configured?: boolean;
    /** Error of every call. */
    readonly unreachable?: string;
    /** Error of every call for instances. */
    readonly denied?: string;
    /** Other regions, for calls that name one. */
    readonly regions?: Readonly<Record<string, World>>;
    /** Other accounts, by name of the called provider. */
    readonly accounts?: Readonly<Record<string, World>>;
}

/** An instance of the mocked account. */
export interface MockInstance {
    readonly id: string;
    readonly zone: string;
    readonly state: string;
    /** Name of its security group. */
    readonly group?: string;
    readonly groupId?: string;
    readonly vpcId?: string;
    readonly tags?: Readonly<Record<string, string>>;
}

/** A program's actions with mocks. */
export interface Recording<T> {
    /** The program's result; undefined if a part of it is unknown in a preview. */
    readonly result: T | undefined;
    readonly registrations: readonly Registration[];
    readonly calls: readonly Call[];
    /** Warnings of the program. */
    readonly logs: readonly string[];
    /** The registrations of a type, by name. */
    readonly of: (type: string) => Record<string, Registration>;
}

/** Options of a run. */
export interface RunOptions {
    readonly preview?: boolean;
    /** Whether the engine supports hooks; Pulumi's mocks don't. */
    readonly hooks?: boolean;
    /** State of the stack, which the engine tells the program; hooks are supported then. */
    readonly state?: StackState;
    /** Zones of volumes that differ from the requested ones, by logical name. */
    readonly actualZones?: Readonly<Record<string, string>>;
    /** Additional outputs of resources of other components, by type. */
    readonly others?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    /** Incomplete answers in place of the mocks' own, by token; undefined for an error. */
    readonly answers?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
    /** Type of the resources to which the mocks give no id. */
    readonly withoutId?: string;
}

/** Runs a program with mocks that throw on unknown requests, and waits until it has ended. */
export async function record<T extends object>(
    program: () => T,
    world: World = {},
    options: RunOptions = {},
): Promise<Recording<Unwrap<T>>> {
    const { failures, ...recording } = await run(program, world, options);
    if (failures[0]) {
        throw failures[0];
    }
    return recording;
}

/** The same for a program that fails. */
export async function recordFailure<T extends object>(
    program: () => T,
    world: World = {},
    options: RunOptions = {},
): Promise<Recording<Unwrap<T>> & { error: Error }> {
    const { failures, ...recording } = await run(program, world, options);
    assert.ok(failures[0], "the program should fail");
    return { ...recording, error: failures[0] };
}

async function run<T extends object>(
    program: () => T,
    world: World,
    { preview = false, state: recorded, hooks = recorded !== undefined, ...options }: RunOptions,
) {
    const { actualZones = {}, others = {}, answers = {}, withoutId } = options;
    const registrations: Registration[] = [];
    const calls: Call[] = [];
    const failures: Error[] = [];
    const logs: string[] = [];
    // Without an engine the SDK writes warnings to the standard error.
    const { stderr } = process;
    const write = stderr.write.bind(stderr);
    stderr.write = (chunk: string | Uint8Array) => {
        logs.push(
            String(chunk)
                .trim()
                .replace(/^warning: (\[runtime\] )?/, ""),
        );
        return true;
    };
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
    const unwrapped = MockMonitor.prototype.registerResource;
    MockMonitor.prototype.registerResource = function (request, callback) {
        registrations.push(registration(request as Request));
        return unwrapped.call(this, request, callback);
    };
    const register = (_: unknown, callback: (error: null, response: object) => void) => callback(null, {});
    Object.assign(MockMonitor.prototype, {
        ...(hooks && { registerResourceHook: register }),
        ...(recorded && { registerErrorHook: register }),
    });
    // An unhandled rejection ends a program here, as with Pulumi.
    const listeners = process.listeners("unhandledRejection");
    const failed = new Promise<void>((resolve) =>
        process.removeAllListeners("unhandledRejection").on("unhandledRejection", (error: Error) => {
            failures.push(error);
            resolve();
        }),
    );
    try {
        await runtime.setMocks(
            {
                newResource: ({ type, name, inputs, custom, id }) => {
                    const other = others[type];
                    const made = custom && other === undefined ? idOf(type, name) : name;
                    const state = outputsOf(type, inputs as Record<string, unknown>, actualZones[name]);
                    return {
                        id: id || (preview || type === withoutId ? undefined : made),
                        state: preview ? state : { ...state, ...other },
                    };
                },
                call: ({ token, inputs, provider }) => {
                    if (recorded && token === "pulumi:pulumi:readStackResourceOutputs") {
                        return { outputs: recorded };
                    }
                    calls.push({
                        token,
                        inputs: inputs as Record<string, unknown>,
                        provider: provider ?? "",
                    });
                    if (token in answers) {
                        return answers[token] ?? assert.fail("the test's mocks don't answer");
                    }
                    return answer(token, inputs as Query, worldOf(world, inputs as Query, provider));
                },
            },
            "project",
            "stack",
            preview,
            "organization",
        );
        const ended = runtime
            .runInPulumiStack(() => Promise.resolve().then(program))
            .then((outputs) => runtime.disconnect().then(() => outputs as Unwrap<T> | undefined))
            .catch((error: unknown) => void failures.push(error as Error));
        const result = (await Promise.race([ended, failed])) ?? undefined;
        // After a failure, waits for further failures and resources.
        await new Promise((resolve) => setTimeout(resolve, failures.length > 0 ? 20 : 0));
        const of = (type: string) =>
            Object.fromEntries(
                registrations
                    .filter((one) => one.type === type)
                    .map((one): [string, Registration] => [one.name, one])
                    .sort(([a], [b]) => a.localeCompare(b)),
            );
        return { result, registrations, calls, logs, of, failures };
    } finally {
        stderr.write = write;
        MockMonitor.prototype.registerResource = unwrapped;
        ["registerResourceHook", "registerErrorHook"].forEach((method) =>
            Reflect.deleteProperty(MockMonitor.prototype, method),
        );
        process.removeAllListeners("unhandledRejection");
        listeners.forEach((listener) => process.on("unhandledRejection", listener));
    }
}

/** An error of the gRPC client: the SDK reads its details. */
class GrpcError extends Error {
    public constructor(public readonly details: string) {
        super();
    }
}

/** Properties of the SDK's RegisterResourceRequest. */
interface Request {
    toObject(): {
        type: string;
        name: string;
        custom: boolean;
        parent: string;
        provider: string;
        protect: boolean;
        retainondelete: boolean;
        ignorechangesList: string[];
        additionalsecretoutputsList: string[];
        dependenciesList: string[];
        customtimeouts?: Record<string, string>;
        hooks?: { beforeUpdateList: string[] };
    };
    getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
    hasProtect(): boolean;
    hasRetainondelete(): boolean;
}

function registration(request: Request): Registration {
    const { type, name, custom, parent, provider, ...raw } = request.toObject();
    const timeouts = Object.entries(raw.customtimeouts ?? {}).filter(([, value]) => value !== "");
    return {
        type,
        name,
        custom,
        parent,
        provider,
        inputs: request.getObject()?.toJavaScript() ?? {},
        protect: request.hasProtect() ? raw.protect : undefined,
        retainOnDelete: request.hasRetainondelete() ? raw.retainondelete : undefined,
        ignoreChanges: raw.ignorechangesList,
        additionalSecretOutputs: raw.additionalsecretoutputsList,
        dependencies: raw.dependenciesList,
        customTimeouts: Object.fromEntries(timeouts.map(([key, value]) => [key.replace(/^pb_/, ""), value])),
        beforeUpdate: raw.hooks?.beforeUpdateList ?? [],
    };
}

interface Query {
    readonly region?: string;
    readonly filters?: readonly { name: string; values: readonly string[] }[];
    readonly instanceStateNames?: readonly string[];
}

function worldOf(world: World, { region }: Query, provider: string | undefined): World {
    const [, account = ""] = /pulumi:providers:aws::([^:]+)::/.exec(provider ?? "") ?? [];
    const own = world.accounts?.[account] ?? world;
    return region === undefined ? own : { ...(own.regions?.[region] ?? own), region };
}

function answer(token: string, query: Query, world: World): Record<string, unknown> {
    if (world.unreachable !== undefined) {
        throw new GrpcError(world.unreachable);
    }
    if (world.configured === false) {
        return {};
    }
    const { region: id = "eu-west-1", zones = [], localZones = [], zoneIds = {} } = world;
    switch (token) {
        case "aws:index/getAvailabilityZones:getAvailabilityZones": {
            const names = query.filters?.length ? zones : [...zones, ...localZones];
            return { id, names, zoneIds: names.map((name) => zoneIds[name] ?? `id-of-${name}`) };
        }
        case "aws:ec2/getInstances:getInstances":
            if (world.denied !== undefined) {
                throw new GrpcError(world.denied);
            }
            return { id, ids: matching(query, world) };
        case "aws:ebs/getVolume:getVolume": {
            const id = query.filters?.find(({ name }) => name === "volume-id")?.values[0] ?? "";
            const volume = world.volumes?.[id] ?? world.lastMadeFor?.[createdForIn(query)[0] ?? ""];
            if (!volume) {
                throw new GrpcError("no matching EC2 EBS Volume found");
            }
            return { id, volumeId: id, ...volume };
        }
        case "aws:ebs/getSnapshotIds:getSnapshotIds":
            return { id, ids: madeFor(query, world) };
        case "aws:ebs/getSnapshot:getSnapshot": {
            const valueOf = (filter: string) =>
                query.filters?.find(({ name }) => name === filter)?.values[0] ?? "";
            const details = world.snapshotDetails?.[valueOf("snapshot-id")];
            if (details) {
                return { ...details, snapshotId: valueOf("snapshot-id") };
            }
            const volumeId = valueOf("volume-id");
            const snapshotId = world.snapshots?.[volumeId];
            if (snapshotId === undefined) {
                throw new GrpcError("no matching EC2 EBS Snapshot found");
            }
            return { id: snapshotId, snapshotId, volumeId, ...world.snapshotDetails?.[snapshotId] };
        }
        case "aws:ebs/getEbsVolumes:getEbsVolumes": {
            const volumeIds = query.filters?.find(({ name }) => name === "volume-id")?.values ?? [];
            if (createdForIn(query).length > 0) {
                return { id, ids: madeFor(query, world) };
            }
            const keys = query.filters?.find(({ name }) => name === "tag-key")?.values;
            if (keys) {
                const hidden = world.hiddenTags ?? {};
                return { id, ids: volumeIds.filter((one) => hidden[one]?.some((key) => keys.includes(key))) };
            }
            const instances = query.filters?.find(({ name }) => name === "attachment.instance-id")?.values;
            const isAttached = (one: string) => {
                const instance = world.attachedTo?.[one];
                return instance === undefined
                    ? world.attached?.includes(one)
                    : (instances?.includes(instance) ?? true);
            };
            return { id, ids: volumeIds.filter(isAttached) };
        }
        default:
            throw new Error(`the mocks have no function ${token}`);
    }
}

const createdFor = "tag:kubernetes.io/created-for/pv/name";

function createdForIn({ filters = [] }: Query): readonly string[] {
    return filters.find(({ name }) => name === createdFor)?.values ?? [];
}

function madeFor(query: Query, world: World): string[] {
    return createdForIn(query).flatMap((name) => world.madeFor?.[name] ?? []);
}

function matching(
    { filters = [], instanceStateNames = ["running"] }: Query,
    { instances = [] }: World,
): string[] {
    return instances
        .filter(({ state }) => instanceStateNames.includes(state))
        .filter((instance) =>
            filters.every(({ name, values }) => fieldsOf(name, instance).some((one) => values.includes(one))),
        )
        .map(({ id }) => id);
}

/** Values of an instance for a filter. */
function fieldsOf(filter: string, { zone, group, groupId, vpcId, tags = {} }: MockInstance): string[] {
    const [, key] = /^tag:(.*)$/.exec(filter) ?? [];
    const given = (value: string | undefined) => (value === undefined ? [] : [value]);
    switch (filter) {
        case "availability-zone":
            return [zone];
        case "instance.group-name":
            return given(group);
        case "instance.group-id":
            return given(groupId);
        case "vpc-id":
            return given(vpcId);
        case "tag-key":
            return Object.keys(tags);
        default:
            if (key === undefined) {
                throw new Error(`the mocks have no filter ${filter}`);
            }
            return given(tags[key]);
    }
}

function idOf(type: string, name: string): string {
    switch (type) {
        case "aws:ebs/volume:Volume":
        case "aws:ebs/volumeCopy:VolumeCopy":
            return `vol-${name}`;
        case "aws:ebs/snapshot:Snapshot":
            return `snap-${name}`;
        case "aws:ebs/snapshotCopy:SnapshotCopy":
            return `snap-copy-${name}`;
        case "aws:dlm/lifecyclePolicy:LifecyclePolicy":
            return `policy-${name}`;
        case "aws:ec2/securityGroup:SecurityGroup":
            return "sg-0123456789abcdef0";
        case "kubernetes:core/v1:PersistentVolume":
        case "kubernetes:core/v1:PersistentVolumeClaim":
        case "kubernetes:storage.k8s.io/v1:StorageClass":
        case "kubernetes:core/v1:Namespace":
        case "pulumi:providers:aws":
        case "pulumi:providers:kubernetes":
        case "pulumiservice:index:DeploymentSettings":
        case "pulumiservice:index:DriftSchedule":
        case "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission":
        case "aws:ec2/amiLaunchPermission:AmiLaunchPermission":
        case "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess":
            return `${name}-id`;
        default:
            throw new Error(`the mocks have no resource ${type}`);
    }
}

function outputsOf(
    type: string,
    inputs: Record<string, unknown>,
    zone: string | undefined,
): Record<string, unknown> {
    return isVolumeType(type) && zone !== undefined
        ? { ...inputs, availabilityZone: zone, region: zone.replace(/[a-z]$/, "") }
        : inputs;
}

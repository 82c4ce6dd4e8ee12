import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import type { Unwrap } from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** A resource as the program asked the engine for it, with the options that count. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    readonly parent: string;
    readonly provider: string;
    readonly inputs: Record<string, unknown>;
    /** Undefined where the program doesn't say. */
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

/** What the mocked account and cluster hold. */
export interface World {
    /** The provider's region. */
    readonly region?: string;
    /** The region's zones, in EC2's order of today. */
    readonly zones?: readonly string[];
    /** Zones that only those see who don't ask for the type availability-zone. */
    readonly localZones?: readonly string[];
    /** Ids of zones, by name. */
    readonly zoneIds?: Readonly<Record<string, string>>;
    readonly instances?: readonly MockInstance[];
    /** EBS volumes that exist, by id. */
    readonly volumes?: Readonly<
        Record<
            string,
            { availabilityZone: string; size: number; snapshotId?: string; tags: Record<string, string> }
        >
    >;
    /** The newest snapshot of volumes, by the volume's id. */
    readonly snapshots?: Readonly<Record<string, string>>;
    /** Ids of volumes that are attached. */
    readonly attached?: readonly string[];
    /** The same with the instances' ids. */
    readonly attachedTo?: Readonly<Record<string, string>>;
    /** Keys of tags that a volume has and the provider doesn't show, by the volume's id. */
    readonly hiddenTags?: Readonly<Record<string, readonly string[]>>;
    /** Whether the AWS provider can be asked; false is one whose own settings aren't known yet. */
    readonly configured?: boolean;
    /** Makes every call fail with this. */
    readonly unreachable?: string;
    /** Makes every call for instances fail with this. */
    readonly denied?: string;
    /** What other regions hold, for calls that name one. */
    readonly regions?: Readonly<Record<string, World>>;
    /** What other accounts hold, by name of the provider that is asked. */
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

/** What a program did under mocks. */
export interface Recording<T> {
    /** What the program returned; undefined if a part of it can't be known in a preview. */
    readonly result: T | undefined;
    readonly registrations: readonly Registration[];
    readonly calls: readonly Call[];
    /** Warnings that the program gave. */
    readonly logs: readonly string[];
    /** The registrations of a type, by name. */
    readonly of: (type: string) => Record<string, Registration>;
}

/** How to run a program. */
export interface RunOptions {
    readonly preview?: boolean;
    /** Whether the engine takes hooks; Pulumi's own mocks don't. */
    readonly hooks?: boolean;
    /** Zones that EC2 says volumes are in, by logical name, instead of those asked for. */
    readonly actualZones?: Readonly<Record<string, string>>;
    /** What resources that aren't the component's have beside their inputs, by type. */
    readonly others?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Runs a program under mocks that throw on what they don't know, and waits for all it does. */
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
    { preview = false, hooks = false, actualZones = {}, others = {} }: RunOptions,
) {
    const registrations: Registration[] = [];
    const calls: Call[] = [];
    const failures: Error[] = [];
    const logs: string[] = [];
    // Without an engine the SDK writes its warnings to the standard error.
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
    if (hooks) {
        Object.assign(MockMonitor.prototype, {
            registerResourceHook: (_: unknown, callback: (error: null, response: object) => void) =>
                callback(null, {}),
        });
    }
    // A rejected output that nothing awaits ends a Pulumi program, and so it does here.
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
                        id: id || (preview ? undefined : made),
                        state: preview ? state : { ...state, ...other },
                    };
                },
                call: ({ token, inputs, provider }) => {
                    calls.push({
                        token,
                        inputs: inputs as Record<string, unknown>,
                        provider: provider ?? "",
                    });
                    return answer(token, inputs as Query, worldOf(world, inputs as Query, provider));
                },
            },
            "project",
            "stack",
            preview,
        );
        const ended = runtime
            .runInPulumiStack(() => Promise.resolve().then(program))
            .then((outputs) => runtime.disconnect().then(() => outputs as Unwrap<T> | undefined))
            .catch((error: unknown) => void failures.push(error as Error));
        const result = (await Promise.race([ended, failed])) ?? undefined;
        // Whatever else goes wrong or is created after a failure has its chance to show.
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
        Reflect.deleteProperty(MockMonitor.prototype, "registerResourceHook");
        process.removeAllListeners("unhandledRejection");
        listeners.forEach((listener) => process.on("unhandledRejection", listener));
    }
}

/** An error as gRPC's client hands it on: the SDK reads its details. */
class GrpcError extends Error {
    public constructor(public readonly details: string) {
        super();
    }
}

/** What is read of the SDK's RegisterResourceRequest. */
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
            const volume = world.volumes?.[id];
            if (!volume) {
                throw new GrpcError("no matching EC2 EBS Volume found");
            }
            return { ...volume, id, volumeId: id };
        }
        case "aws:ebs/getSnapshot:getSnapshot": {
            const volumeId = query.filters?.find(({ name }) => name === "volume-id")?.values[0] ?? "";
            const snapshotId = world.snapshots?.[volumeId];
            if (snapshotId === undefined) {
                throw new GrpcError("no matching EC2 EBS Snapshot found");
            }
            return { id: snapshotId, snapshotId, volumeId };
        }
        case "aws:ebs/getEbsVolumes:getEbsVolumes": {
            const volumeIds = query.filters?.find(({ name }) => name === "volume-id")?.values ?? [];
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

/** What an instance has that a filter looks at. */
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
            return `vol-${name}`;
        case "aws:ebs/snapshot:Snapshot":
            return `snap-${name}`;
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
    return type === "aws:ebs/volume:Volume" && zone !== undefined
        ? { ...inputs, availabilityZone: zone, region: zone.replace(/[a-z]$/, "") }
        : inputs;
}

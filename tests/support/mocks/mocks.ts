import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import type { Unwrap } from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { isVolumeType } from "../../../components/engine/resourceTypes";
import type { StackState } from "../../../components/engine/stackState";
import { answer, worldOf } from "./answers";
import type { Query, World } from "./answers";

export type { World } from "./answers";

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

import { ErrorHook, log, ResourceHook } from "@pulumi/pulumi";
import type { ErrorHookArgs, ResourceHookArgs, ResourceHookBinding } from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import { adviceOn, objectAdviceOn, policyAdviceOn } from "./failureAdvice";
import { runsWithEngine } from "./monitor";
import { perProgram } from "./perProgram";

/** All hooks: those that look at a volume before the engine touches it, in preview already, and those after a failure. */
interface Hooks {
    readonly shrink: ResourceHook;
    readonly emptyMove: ResourceHook;
    readonly loss: ResourceHook;
    readonly exchange: ResourceHook;
    /** Undefined where the CLI has no such hooks yet. */
    readonly advice?: ErrorHook;
    readonly objectAdvice?: ErrorHook;
    readonly policyAdvice?: ErrorHook;
}

/** One of each for the whole program, since names of hooks are unique. */
const hooks = perProgram((): Hooks => ({
    shrink: hook("refuse-shrink", refuseShrink),
    emptyMove: hook("refuse-empty-move", refuseEmptyMove),
    loss: hook("refuse-loss", ({ urn }) => refuse(watchedVolumes().get(urn)?.onCreate)),
    exchange: hook("refuse-exchange", ({ urn, oldOutputs }) =>
        refuse(watchedVolumes().get(urn)?.onUpdate(tagsIn(oldOutputs))),
    ),
    ...(supportsErrorHooks() && {
        advice: errorHook("advise", ({ name, errors, failedOperation }) =>
            adviceOn(name, errors, failedOperation),
        ),
        objectAdvice: errorHook("advise-object", objectAdviceOn),
        policyAdvice: errorHook("advise-policy", ({ name, failedOperation }) =>
            policyAdviceOn(name, failedOperation),
        ),
    }),
}));

/**
 * Hooks that reject a shrink, where EC2 would only say so minutes into the update, that reject an empty volume for a
 * disk that is moved, and that say what to do where AWS has refused something.
 *
 * @param isMoved - Whether the volume has to come from a snapshot.
 * @returns undefined in a unit test, where hooks can't be registered.
 */
export function volumeHooks(isMoved: boolean): ResourceHookBinding | undefined {
    if (!runsWithEngine()) {
        return undefined;
    }
    const { shrink, emptyMove, loss, exchange, advice } = hooks();
    return {
        beforeUpdate: [shrink, exchange],
        beforeCreate: isMoved ? [emptyMove, loss] : [loss],
        ...(advice && { onError: [advice] }),
    };
}

/** Hooks that say what to do where the cluster has refused an object. */
export function objectHooks(): ResourceHookBinding | undefined {
    return onError(({ objectAdvice }) => objectAdvice);
}

/** Hooks that say what to do where AWS has refused to change a backup policy. */
export function policyHooks(): ResourceHookBinding | undefined {
    return onError(({ policyAdvice }) => policyAdvice);
}

function onError(choose: (all: Hooks) => ErrorHook | undefined): ResourceHookBinding | undefined {
    const advice = runsWithEngine() ? choose(hooks()) : undefined;
    return advice && { onError: [advice] };
}

/** Reasons against a volume that the engine creates or changes, by what was known before. */
export interface WatchedVolume {
    /** Why it must not be created, if it must not. */
    readonly onCreate: string | undefined;
    /** Why it must not become this disk's volume, by the tags that it has. */
    readonly onUpdate: (tags: Readonly<Record<string, string>>) => string | undefined;
}

/** The volumes of a program that the hooks know something of, by URN. */
export const watchedVolumes = perProgram(() => new Map<string, WatchedVolume>());

function tagsIn(outputs: unknown): Record<string, string> {
    return (outputs as { tags?: Record<string, string> } | undefined)?.tags ?? {};
}

function refuse(reason: string | undefined): void {
    if (reason !== undefined) {
        throw new Error(reason);
    }
}

function hook(name: string, callback: (args: ResourceHookArgs) => void): ResourceHook {
    return new ResourceHook(`zonal-persistent-storage:${name}`, callback, { onDryRun: true });
}

/** The SDK asks the CLI when it starts, and keeps the answer where its types don't say so. */
export function supportsErrorHooks(): boolean {
    const monitor = getMonitor() as object | undefined;
    const { getStore } = state as { getStore?: () => { supportsErrorHooks?: boolean } };
    return (
        monitor !== undefined && "registerErrorHook" in monitor && getStore?.().supportsErrorHooks === true
    );
}

/** Retries nothing: what failed once would fail again. */
function errorHook(name: string, adviseOn: (args: ErrorHookArgs) => string | undefined): ErrorHook {
    return new ErrorHook(`zonal-persistent-storage:${name}`, async (args) => {
        await deliver(adviseOn(args), (text) => log.warn(text));
        return false;
    });
}

/** Ends once the engine has the advice: after the hook's answer it may end the update without hearing of it. */
export async function deliver(
    advice: string | undefined,
    warn: (text: string) => Promise<void>,
): Promise<void> {
    if (advice !== undefined) {
        await warn(advice);
    }
}

/** @throws Error if an update would make the volume smaller. */
export function refuseShrink({ name, oldInputs, newInputs }: ResourceHookArgs): void {
    const [from, to] = [oldInputs, newInputs].map(
        (inputs) => (inputs as { size?: number } | undefined)?.size,
    );
    if (from !== undefined && to !== undefined && to < from) {
        throw new Error(
            `size of volume ${name} can't shrink from ${from} to ${to} GiB, EBS volumes only grow: ` +
                `set sizeGiB to ${from} or more, or move the data to a new volume`,
        );
    }
}

/** @throws Error if the volume would be created without a snapshot. */
function refuseEmptyMove({ name, newInputs }: ResourceHookArgs): void {
    const { snapshotId } = newInputs as { snapshotId?: unknown };
    if (snapshotId === undefined || snapshotId === null || snapshotId === "") {
        throw new Error(
            `volume ${name} can't be created without a snapshot, it would be empty: the volume that the disk is moved ` +
                "from has none that is complete, or the same move releases it. Give the move's snapshotId, or keep the volume " +
                "until the move is made, with from NewSnapshot while it can be read",
        );
    }
}

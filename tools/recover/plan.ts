import { quoted, sh } from "../terminal/shell";
import { describeLock, isAlive } from "../engine/backend";
import type { Lock } from "../engine/backend";
import type { PlannedObject, PlannedVolume, Preview } from "../engine/preview";
import { nameOf } from "../engine/preview";
import { unattendedFlags } from "../engine/pulumi";
import type { RecoverState } from "./recoverState";
import { importFile } from "../engine/importFile";
import type { Unrecorded } from "./unrecorded";
import { recordedElsewhere } from "./objects";
import { ownCommand } from "../terminal/ownCommand";

/** Facts on which a plan is based, read before anything is changed. */
export interface Evidence extends Unrecorded {
    readonly stack: string;
    readonly locks: readonly Lock[];
    /** Whether the backend reported an update in progress, which was cancelled. */
    readonly wasCancelled: boolean;
    readonly state: RecoverState;
    readonly preview: Preview;
    readonly takenOver: readonly PlannedObject[];
    readonly foreign: readonly PlannedObject[];
    /** Objects that interrupted updates created and neither the state nor the program has. */
    readonly leftObjects: readonly PlannedObject[];
    /** Sources that could not be read, and why. */
    readonly unseen: readonly string[];
}

/** Steps to execute, or the reason for none. */
export interface Plan {
    /** Why nothing is done. */
    readonly refusal?: string;
    /** Signs that an update was interrupted. */
    readonly found: readonly string[];
    readonly steps: readonly Step[];
    /** Findings that people have to decide on. */
    readonly notes: readonly string[];
    /** A question that only a person can answer, asked before anything is changed. */
    readonly doubt?: string;
}

/** A command to run. */
export interface Step {
    readonly text: string;
    /** Arguments of the CLI; undefined for the update itself. */
    readonly args?: readonly string[];
    /** Content of a file whose path is the command's last argument. */
    readonly file?: string;
}

/** Decides what to do. */
export function planOf(evidence: Evidence): Plan {
    const found = findingsOf(evidence);
    const notes = notesOf(evidence);
    const plan = { found, notes, steps: [] };
    const reason = refusalOf(evidence, found);
    return reason === undefined
        ? { ...plan, steps: stepsOf(evidence), doubt: doubtOf(evidence) }
        : { ...plan, refusal: reason };
}

/** Message on an update that holds a lock and still runs; undefined if it has ended or only another machine can tell. */
export function runningUpdate(locks: readonly Lock[]): string | undefined {
    const running = locks.find((lock) => isAlive(lock) === true);
    return running && `another update is running: ${describeLock(running)}; wait for it to end`;
}

function findingsOf({ locks, wasCancelled, state, takenOver, stack }: Evidence): string[] {
    const operations = [...new Set(state.operations.map(({ type, goal }) => `${type} ${nameOf(goal.urn)}`))];
    const interrupted = new Set(state.operations.map(({ goal }) => goal.urn));
    const unexplained = takenOver.filter(({ urn }) => !interrupted.has(urn));
    return [
        ...locks.map(
            (lock) =>
                `the stack is locked by ${describeLock(lock)}${isAlive(lock) === false ? ", which has ended" : ""}`,
        ),
        ...(wasCancelled ? [`an update of stack ${stack} was under way, and is cancelled`] : []),
        ...(operations.length === 0
            ? []
            : [`an update of stack ${stack} was interrupted while ${operations.join(", ")}`]),
        ...unexplained.map((object) => `${describe(object)} was made by this stack and isn't in its state`),
    ];
}

function refusalOf(
    { locks, state, preview, foreign }: Evidence,
    found: readonly string[],
): string | undefined {
    const running = runningUpdate(locks);
    if (running !== undefined) {
        return running;
    }
    const renamed = renamedObjects(state, preview);
    if (renamed !== undefined) {
        return renamed;
    }
    if (found.length === 0) {
        return "nothing was interrupted: the state has no pending operation, and no lock that this machine can see";
    }
    if (preview.problem !== undefined) {
        const unlock = locks.length > 0 ? "pulumi cancel removes the lock that other commands meet; " : "";
        return `the update can't be completed with the current settings: ${preview.problem}\n${unlock}correct them, then ${ownCommand("recover")}`;
    }
    const empty = emptyVolumesOf(state, preview);
    if (empty !== undefined) {
        return empty;
    }
    if (foreign.length > 0) {
        return `the update would take over objects that this stack did not create: ${foreign.map(describe).join(", ")}; delete or rename it, or set another name in the config, then ${ownCommand("recover")}`;
    }
    return undefined;
}

/** Message on objects that an update would take over and then delete under their former name; undefined if there are none. */
function renamedObjects({ objects }: RecoverState, preview: Preview): string | undefined {
    const renamed = preview.objects.flatMap((planned) => {
        const former = recordedElsewhere(planned, objects);
        return former ? [`${describe(planned)} (${nameOf(former.urn)} in the state)`] : [];
    });
    return renamed.length === 0
        ? undefined
        : `the update would create what the state has under another name: ${renamed.join(", ")}; if a storage was renamed, set its former name in aliases, otherwise set other names in the config, then pulumi up`;
}

/** Message on volumes with data that an update would replace with empty ones; undefined if there are none. */
function emptyVolumesOf({ volumes, operations }: RecoverState, preview: Preview): string | undefined {
    const has = (type: string, urn: string) =>
        operations.some((one) => one.type === type && one.goal.urn === urn);
    const empty = preview.volumes.filter(
        ({ urn, snapshotId }) => snapshotId === undefined && volumes.has(urn) && !has("creating", urn),
    );
    const names = (some: readonly PlannedVolume[]) =>
        some.map(({ urn }) => `${volumes.get(urn)} (${nameOf(urn)} in the state)`).join(", ");
    const deleted = empty.filter(({ urn }) => has("deleting", urn));
    const gone = empty.filter((one) => !deleted.includes(one));
    const reasons = [
        ...(gone.length === 0
            ? []
            : [
                  `volume ${names(gone)} isn't in EC2 any more, and an update would make an EMPTY one in its place: restore it first, as ${ownCommand("doctor")} says; if an empty one is as well, pulumi cancel and pulumi refresh, then ${ownCommand("recover")}`,
              ]),
        ...(deleted.length === 0
            ? []
            : [
                  `volume ${names(deleted)} was deleted by what was interrupted, the program asks for it, and an update would make an EMPTY one in its place: to go on with the deletion, pulumi cancel, then pulumi destroy, or ${ownCommand("recover")} with the settings that it was deleted with; if an empty one is as well, pulumi cancel and pulumi refresh, then pulumi up`,
              ]),
    ];
    return reasons.length === 0 ? undefined : reasons.join("\n");
}

function stepsOf({ locks, state, preview, takenOver, takenBack }: Evidence): Step[] {
    const back = new Set(takenBack.map(({ planned }) => `create Volume ${nameOf(planned.urn)}`));
    const others = preview.changes.filter((change) => !back.has(change));
    const changes = others.length === 0 ? "nothing else changes" : others.join(", ");
    const over = takenOver.length === 0 ? "" : `; takes over ${takenOver.map(describe).join(", ")}`;
    const hasCreations = state.operations.some(({ type }) => type === "creating");
    const unlock = { text: "pulumi cancel: removes the lock", args: ["cancel", "--yes"] };
    const importVolumes = {
        text: `pulumi import: takes back ${takenBack.map(({ volumeId, planned }) => `volume ${volumeId} as ${nameOf(planned.urn)}`).join(", ")}, just as the update would make`,
        args: ["import", ...unattendedFlags, "--protect=true", "--generate-code=false", "--file"],
        file: importFile(
            takenBack.map(({ volumeId, planned }) => ({ ...planned, id: importId(volumeId, planned) })),
        ),
    };
    const clear = {
        text: "pulumi refresh --clear-pending-creates: removes the pending operations",
        args: ["refresh", ...unattendedFlags, "--clear-pending-creates"],
    };
    return [
        ...(locks.length > 0 ? [unlock] : []),
        {
            text: "pulumi refresh: reads EC2 and the cluster",
            args: ["refresh", ...unattendedFlags],
        },
        ...(takenBack.length > 0 ? [importVolumes] : []),
        { text: `pulumi up: ${changes}${over}` },
        ...(hasCreations ? [clear] : []),
        {
            text: "pulumi preview: must show no changes",
            args: ["preview", "--expect-no-changes", "--suppress-outputs"],
        },
    ];
}

/** The provider imports a volume of another region than its own by both. */
function importId(volumeId: string, { region }: PlannedVolume): string {
    return region === undefined ? volumeId : `${volumeId}@${region}`;
}

function notesOf({ listed, leftSnapshots, leftObjects, unseen }: Evidence): string[] {
    return [
        ...listed.map(
            ({ volumeId, name, why, region }) =>
                `volume ${volumeId} was made for ${name}, isn't in the state and isn't taken back: ${why}; ${ownCommand("doctor")}${region === undefined ? "" : sh` --region=${region}`} has the commands for it`,
        ),
        ...leftSnapshots.map(
            ({ snapshotId, name, region }) =>
                `snapshot ${snapshotId} was begun for ${name} and isn't in the state: if nobody needs it, ${sh`aws ec2 delete-snapshot --snapshot-id=${snapshotId} --region=${region}`}`,
        ),
        ...leftObjects.map(
            (object) =>
                `${describe(object)} was made by the interrupted update, and neither the state nor the program has it: if nothing uses it, ${deletion(object)}`,
        ),
        ...unseen,
    ];
}

function doubtOf({ locks }: Evidence): string | undefined {
    const elsewhere = locks.find((lock) => isAlive(lock) === undefined);
    return elsewhere && `only ${elsewhere.hostname} can tell whether ${describeLock(elsewhere)}, has ended`;
}

function deletion({ kind, namespace, name }: PlannedObject): string {
    const inNamespace = namespace === undefined ? "" : sh` --namespace=${namespace}`;
    return `kubectl delete ${kind.toLowerCase()}/${quoted(name)}${inNamespace}`;
}

function describe({ kind, namespace, name }: PlannedObject): string {
    return `${kind} ${[namespace, name].filter(Boolean).join("/")}`;
}

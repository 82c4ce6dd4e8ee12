import { PatchStrategy } from "@kubernetes/client-node";
import type { Clients } from "../inspect/clients";
import { isAlive, locksInMessage } from "../engine/backend";
import { objectReference, objectApi, readObject, upsert } from "./evidence";
import { modificationsUnderWay } from "./modifications";
import { isOwnConflict, orphanedManagers } from "./objects";
import type { Evidence, Plan } from "./plan";
import { errorOf, unattendedFlags } from "../engine/pulumi";
import { withFile } from "../engine/withFile";
import type { CommandResult, Pulumi } from "../engine/pulumi";
import { readRecoverState } from "./recoverState";
import { ownCommand } from "../terminal/ownCommand";

/** Lets an update overwrite fields that the interrupted one has set. */
const force = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };

/**
 * Executes a plan. Pending operations stay in the state until the end, so that the same command can continue after a
 * failure.
 *
 * @returns the resulting state of the stack.
 * @throws Error with the first failure, and the way out.
 */
export async function execute(
    { steps }: Plan,
    evidence: Evidence,
    pulumi: Pulumi,
    clients: Clients,
    report: (line: string) => void,
): Promise<string> {
    for (const { text, args, file } of steps) {
        report(text);
        if (args?.[0] === "preview") {
            const answer = await pulumi.do(args);
            const volumeIds = answer.code === 0 ? [] : await modificationsUnderWay(pulumi, clients);
            if (volumeIds.length > 0) {
                return `the update has ended; EC2 is still modifying ${volumeIds.join(", ")}: run pulumi up --refresh when aws ec2 describe-volumes-modifications says completed`;
            }
            throwIfFailed(answer, "pulumi preview");
        } else if (args) {
            const run = () => withFile(file, (path) => pulumi.do([...args, ...path]));
            const answer = await run();
            const isUnlocked = answer.code !== 0 && (await unlock(answer, pulumi));
            throwIfFailed(isUnlocked ? await run() : answer, `pulumi ${args[0]}`);
        } else {
            await update(pulumi, report);
            await releaseOrphans(evidence, pulumi, clients);
        }
    }
    return "the update has ended, and a preview shows no changes";
}

/** Removes locks named in a command's message, if their processes were on this machine and have ended. */
async function unlock({ stdout, stderr }: CommandResult, pulumi: Pulumi): Promise<boolean> {
    const locks = locksInMessage(stdout + stderr);
    if (locks.length === 0 || locks.some((lock) => isAlive(lock) !== false)) {
        return false;
    }
    throwIfFailed(await pulumi.do(["cancel", "--yes"]), "pulumi cancel");
    return true;
}

/** The update. Fields are taken from other managers only if all of those are interrupted updates. */
async function update(pulumi: Pulumi, report: (line: string) => void): Promise<void> {
    const up = ["up", ...unattendedFlags];
    const first = await pulumi.do(up, upsert);
    if (first.code === 0 || !isOwnConflict(first.stdout + first.stderr)) {
        throwIfFailed(first, "pulumi up");
        return;
    }
    report("pulumi up, with today's settings in place of those of the interrupted update");
    throwIfFailed(await pulumi.do(up, { ...upsert, ...force }), "pulumi up");
}

/**
 * Releases the fields that interrupted updates own: those that the stack has set since stay as they are, the others are
 * removed. Otherwise the next change of a shared field would be a conflict.
 */
async function releaseOrphans(
    { state, takenOver }: Evidence,
    pulumi: Pulumi,
    clients: Clients,
): Promise<void> {
    const api = objectApi(clients);
    const touched = new Set([
        ...state.operations.map(({ goal }) => goal.urn),
        ...takenOver.map(({ urn }) => urn),
    ]);
    const answer = await pulumi.ask(["stack", "export"]);
    throwIfFailed(answer, "pulumi stack export");
    const { objects } = readRecoverState(answer.stdout);
    for (const object of objects.filter(({ urn }) => touched.has(urn))) {
        const live = await readObject(api, object);
        for (const manager of live ? orphanedManagers(live, object.fieldManager) : []) {
            const { ServerSideApply } = PatchStrategy;
            await api.patch(objectReference(object), undefined, undefined, manager, false, ServerSideApply);
        }
    }
}

function throwIfFailed(answer: CommandResult, command: string): void {
    if (answer.code !== 0) {
        // A failed update has ended, but changes that EC2 refused are in the state as if they had been made.
        throw new Error(
            `${command} failed: ${errorOf(answer)}\nnothing is lost: correct the cause, then ${ownCommand("recover")}; if that finds nothing interrupted, pulumi up --refresh`,
        );
    }
}

import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { freeingOperations } from "../../components/engine/failureAdvice";
import { StackFile } from "../adopt/stackFile";
import { doOrThrow, stdoutOrThrow, unattendedFlags } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { deploymentOf } from "../inspect/state";
import type { Resource } from "../inspect/state";
import { backInService } from "../nodes/outOfService";
import type { Answer } from "../terminal/answer";
import { Failure } from "../terminal/commandLine";
import { confirm } from "../terminal/confirm";
import type { ConfirmOptions } from "../terminal/confirm";
import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { startPods } from "./execute";
import type { Means } from "./execute";
import type { Journal, RecordedMove } from "./journal";

/**
 * Goes back to the volumes from before, on which the data are: possible until pods may have written to the new ones.
 *
 * @throws Error if it isn't, or nothing is under way.
 */
export async function undo(
    journal: Journal | undefined,
    options: ConfirmOptions,
    means: Means,
): Promise<Answer> {
    if (!journal) {
        throw new Error("there is nothing to undo: no command that moves disks was interrupted");
    }
    const { moves, command, startedAt } = journal;
    if (journal.isStarted) {
        throw new Error(
            `pods may have written to the new volumes already: finish with ${ownCommand(command.join(" "))}, or move the disks back with ${ownCommand(`move ${moves.map(({ name }) => name).join(" ")} --to=<zone>`)}, which keeps the new data`,
        );
    }
    means.report({
        heading: `going back from ${command.join(" ")} of ${startedAt}: ${counted(moves.length, "disk")} to the volumes from before`,
    });
    await confirm(options);
    try {
        await takeBack(moves, means);
        await free(means.clients, moves);
        const problems = await startPods(journal, means);
        await backInService(means.clients, journal.lostNodes);
        if (problems.length > 0) {
            throw new Error(problems.join("\n"));
        }
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Failure(`${reason}\nno data is lost: correct the cause, then run the same command again`);
    }
    await means.journalFile.remove();
    return {
        status: 0,
        json: { undone: moves.map(({ name }) => name) },
        unseen: [],
        lines: [],
        verdict: "everything is as before, and all pods run",
    };
}

/** Takes the moves out of the settings, and those that were made out of the stack. */
async function takeBack(moves: readonly RecordedMove[], { pulumi, project, stack }: Means): Promise<void> {
    const exported = stdoutOrThrow(await pulumi.ask(["stack", "export"]));
    const { resources = [] } = deploymentOf(exported, "the stack's state");
    const made = resources.filter(isOfMove(moves));
    const file = await StackFile.read(project, stack);
    if (!file) {
        if (made.length > 0) {
            throw new Error(
                `the program has its storages in code, and the new volumes exist: go on with the same command instead of --undo, then move the disks back`,
            );
        }
        return;
    }
    const protectedOnes = made.filter(({ protect }) => protect);
    if (protectedOnes.length > 0) {
        await doOrThrow(pulumi, ["state", "unprotect", "--yes", ...protectedOnes.map(({ urn }) => urn)]);
    }
    const written = moves.filter(
        ({ storage, ordinal, before }) => file.movesOf(storage, ordinal).length > before,
    );
    const givenUp = written.flatMap((move) => {
        const { id } = made.find((one) => isVolume(one) && isOfMove([move])(one)) ?? {};
        return id === undefined ? [] : [{ ...move, volumeId: id }];
    });
    await file.removeMoves(written);
    if (made.length > 0) {
        await (await StackFile.read(project, stack))?.giveUp(givenUp);
        await doOrThrow(pulumi, ["up", ...unattendedFlags]);
    }
    await (await StackFile.read(project, stack))?.forgetGivenUp(moves);
}

function isVolume({ type }: Resource): boolean {
    return type === "aws:ebs/volume:Volume";
}

/** Whether a resource is the volume or the snapshot that a move has made. */
function isOfMove(moves: readonly RecordedMove[]): (resource: Resource) => boolean {
    const names = new Set(
        moves.map(({ storage, ordinal, before }) => `::${storage}-${ordinal}-moved-${before + 1}`),
    );
    return ({ type, urn }) =>
        /^aws:ebs\/(volume|snapshot):/.test(type) && names.has(urn.slice(urn.lastIndexOf("::")));
}

/** Frees PersistentVolumes whose claims were deleted, for claims of the same names. */
async function free(clients: Clients, moves: readonly RecordedMove[]): Promise<void> {
    const core = clients.kubeConfig().makeApiClient(CoreV1Api);
    const asPatch = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
    for (const { name } of moves) {
        try {
            const { status } = await core.readPersistentVolume({ name });
            if (status?.phase === "Released") {
                await core.patchPersistentVolume({ name, body: freeingOperations("Released") }, asPatch);
            }
        } catch (error) {
            throw new Error(`could not free PersistentVolume ${name}: ${messageOf(error)}`);
        }
    }
}

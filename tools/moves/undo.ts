import { CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { freeingOperations } from "../../components/engine/failureAdvice";
import { StackFile } from "../adopt/stackFile";
import type { GivenUp } from "../adopt/stackFile";
import { doOrThrow, unattendedFlags } from "../engine/pulumi";
import type { Clients } from "../inspect/clients";
import { messageOf } from "../inspect/errors";
import { backInService } from "../nodes/outOfService";
import type { Answer } from "../terminal/answer";
import { Failure } from "../terminal/commandLine";
import { confirm } from "../terminal/confirm";
import type { ConfirmOptions } from "../terminal/confirm";
import { counted } from "../terminal/counted";
import { ownCommand } from "../terminal/ownCommand";
import { startPods } from "./execute";
import type { Means } from "./means";
import type { Journal, RecordedMove } from "./journal";
import { forget, madeBy, volumeOf } from "./madeVolumes";

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
    let left: string[] = [];
    try {
        left = await takeBack(journal, means);
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
        lines: left.map(
            (id) => `volume ${id} was never used, and stays in EC2: aws ec2 delete-volume --volume-id ${id}`,
        ),
        verdict: "everything is as before, and all pods run",
    };
}

/**
 * Takes the moves out of the settings, and those that were made out of the stack.
 *
 * @returns ids of the new volumes, which stay in EC2.
 */
async function takeBack(journal: Journal, means: Means): Promise<string[]> {
    const { moves } = journal;
    const { pulumi, project, stack, journalFile } = means;
    const made = await madeBy(moves, { pulumi });
    const file = await StackFile.read(project, stack);
    if (!file) {
        if (made.length > 0) {
            throw new Error(
                `the program has its storages in code, and the new volumes exist: go on with the same command instead of --undo, then move the disks back`,
            );
        }
        return [];
    }
    const givenUp = journal.givenUp ?? moves.flatMap((move) => givenUpBy(move, volumeOf(move, made)?.id));
    // The state is about to forget them: whoever goes on has to know.
    await journalFile.write({ ...journal, givenUp });
    await file.removeMoves(
        moves.filter(({ storage, ordinal, before }) => file.movesOf(storage, ordinal).length > before),
    );
    const isMade = made.length > 0 || givenUp.length > 0;
    if (isMade) {
        // Protected as they are, the engine wouldn't let go of them; in EC2 they stay.
        await (made.length > 0 ? forget(pulumi, made) : undefined);
        await (await StackFile.read(project, stack))?.giveUp(givenUp);
        await doOrThrow(pulumi, ["up", ...unattendedFlags]);
    }
    await (await StackFile.read(project, stack))?.forgetGivenUp(moves);
    if (isMade) {
        await doOrThrow(pulumi, ["up", ...unattendedFlags]);
    }
    return givenUp.map(({ volumeId }) => volumeId);
}

function givenUpBy({ storage, ordinal }: RecordedMove, volumeId: string | undefined): GivenUp[] {
    return volumeId === undefined ? [] : [{ storage, ordinal, volumeId }];
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

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
import { confirm, refuse } from "../terminal/confirm";
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
        throw new Error(
            `--undo needs a command that was interrupted, got none on stack ${means.stack}: disks that have moved go back with ${ownCommand("move <disks> --to=<zone>")}`,
        );
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
    const lines: string[] = [];
    try {
        lines.push(...(await takeBack(journal, means)));
        await free(means.clients, moves);
        const { problems, left } = await startPods(journal, means);
        lines.push(...left);
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
        lines,
        verdict: "everything is as before, and the pods are started again",
    };
}

/**
 * Takes the moves out of the settings, and those that were made out of the stack.
 *
 * @returns what is left to do for a person.
 */
async function takeBack(journal: Journal, means: Means): Promise<string[]> {
    const { moves } = journal;
    const { pulumi, project, stack, journalFile } = means;
    const made = await madeBy(moves, { pulumi });
    const file = await StackFile.read(project, stack);
    const givenUp = journal.givenUp ?? moves.flatMap((move) => givenUpBy(move, volumeOf(move, made)?.id));
    if (!file) {
        refuse(
            givenUp.length > 0
                ? `--undo needs settings in the stack's file once there are new volumes, got a program with its storages in code and ${givenUp.map(({ volumeId }) => volumeId).join(", ")}: go on with the same command without --undo, then move the disks back`
                : undefined,
        );
        return ["take the moves out of the program again, and run pulumi up: it would make them otherwise"];
    }
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
    return givenUp.map(
        ({ volumeId }) =>
            `volume ${volumeId} was never used, and stays in EC2: aws ec2 delete-volume --volume-id ${volumeId}`,
    );
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

import { MoveFrom } from "../../components/args/moveArgs";
import { StackFile } from "../adopt/stackFile";
import { readClaims } from "./claims";
import type { Journal } from "./journal";
import { madeBy, volumeOf } from "./madeVolumes";
import type { Means } from "./means";

/**
 * An update that was interrupted may have made new volumes already. The component doesn't take a snapshot's volume
 * again without being told, since it can't know whether pods have written meanwhile. This command does: it has ended
 * them. So it writes the snapshot into the move.
 *
 * @param isUndone - Whether the new volumes are given up anyway.
 * @throws Error if a claim exists again, so that a pod may have written.
 */
export async function settleAttempts(
    { moves, claims }: Journal,
    means: Means,
    isUndone: boolean,
): Promise<void> {
    const { project, stack, clients } = means;
    const made = await madeBy(moves, means);
    const file = await StackFile.read(project, stack);
    const settled = moves
        .filter(({ settings }) => settings.from === MoveFrom.NewSnapshot)
        .flatMap((move) => {
            const snapshotId = volumeOf(move, made)?.inputs?.snapshotId;
            const written = file?.movesOf(move.storage, move.ordinal).at(-1) as
                { from?: unknown } | undefined;
            const isOpen = written?.from === MoveFrom.NewSnapshot && typeof snapshotId === "string";
            return isOpen ? [{ ...move, settings: { zone: move.zone, snapshotId } }] : [];
        });
    if (!file || settled.length === 0) {
        return;
    }
    const names = claims.map(({ namespace, name }) => `${namespace}/${name}`);
    const uids = new Set(claims.map(({ uid }) => uid));
    const again = (await readClaims(clients, names)).filter(({ uid }) => !uids.has(uid));
    if (again.length > 0 && !isUndone) {
        throw new Error(
            `claim ${again.map(({ namespace, name }) => `${namespace}/${name}`).join(", ")} was created again meanwhile, and pods may have written since the snapshots: go back with --undo, then begin again`,
        );
    }
    await file.removeMoves(settled);
    await (await StackFile.read(project, stack))?.addMoves(settled);
}

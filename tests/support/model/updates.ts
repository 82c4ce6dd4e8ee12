import assert from "node:assert/strict";
import type { Outcome } from "../cli/cli";
import { followAdvice } from "./account";
import { up } from "./world";
import type { Model, World } from "./world";

/** Gives up the volumes that an update misses and that somebody has deleted; false if it misses none. */
export function giveUp(model: Model, world: World, said: string): boolean {
    const missed = [
        ...said.replace(/\s+/g, " ").matchAll(/overrides\.(\d+)\.lostVolumeId must be "(vol-\w+)"/g),
    ];
    const lost = Object.fromEntries(missed.map(([, ordinal = "", id = ""]) => [ordinal, id]));
    Object.values(lost).forEach((id) => assert.ok(world.ledger.wasLetGo(id), `${id} isn't lost`));
    model.settings = { ...model.settings, lost: { ...model.settings.lost, ...lost } };
    world.giveUp(Object.keys(lost));
    return missed.length > 0;
}

/**
 * Continues a move that an update has left half done, as its message says: from its snapshot if the cluster is on the
 * new volume already, otherwise from another snapshot, since pods may have written in between.
 */
export async function continueMove(model: Model, world: World, said: string): Promise<boolean> {
    const text = said.replace(/\s+/g, " ");
    const found =
        /overrides\.(\d+)\.moves\.(\d+)\.snapshotId is missing: .*? has taken snapshot (snap-\w+) for this move, and made (vol-\w+) from it/.exec(
            text,
        );
    if (!found) {
        return false;
    }
    const [, ordinal = "", index, snapshotId, volumeId] = found;
    if ((await world.disks()).get(`data-${ordinal}`) === volumeId) {
        const moves = (model.settings.moves[ordinal] ?? []).map((move, position) =>
            position === Number(index) ? { zone: move.zone, snapshotId } : move,
        );
        model.settings = { ...model.settings, moves: { ...model.settings.moves, [ordinal]: moves } };
        return true;
    }
    await world.knowAll();
    for (const [, force, urn = ""] of text.matchAll(/pulumi state delete (--force )?'([^']+)'/g)) {
        const { code, stderr } = await world.cli.run([
            ...["state", "delete", urn, "--yes"],
            ...(force ? ["--force"] : []),
        ]);
        assert.equal(code, 0, stderr);
    }
    return true;
}

/** An update that nothing disturbs but the account's settings, and then those that it says have to follow. */
export async function upAtLast(model: Model, world: World): Promise<Outcome> {
    const isUnsure = model.hasDrifted || model.mayLoseNewVolumes;
    let outcome = await world.pulumi(model, [...up, ...(isUnsure ? ["--refresh"] : [])]);
    for (let attempt = 0; outcome.code !== 0 && attempt < 4; attempt++) {
        const isToRepeat =
            giveUp(model, world, outcome.text) || (await continueMove(model, world, outcome.text));
        const flags = isToRepeat ? [] : await followAdvice(world, outcome.text);
        if (!flags) {
            break;
        }
        world.refusals++;
        outcome = await world.pulumi(model, [...up, ...flags]);
    }
    return outcome;
}

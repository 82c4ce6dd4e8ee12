import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { ec2Client } from "../../../sandbox/ec2/instances";
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
    if (text.includes("pulumi cancel removes the lock")) {
        await world.cli.run(["cancel", "--yes"]);
    }
    for (const [, force, urn = ""] of text.matchAll(/pulumi state delete (--force )?'([^']+)'/g)) {
        const { code, stderr } = await world.cli.run([
            ...["state", "delete", urn, "--yes"],
            ...(force ? ["--force"] : []),
        ]);
        assert.equal(code, 0, stderr);
    }
    return true;
}

/**
 * Asks for the size that volumes have, where EC2 refuses a shrink: it has grown them, and the answer to an earlier update
 * was lost, so that the state couldn't tell in the preview.
 */
async function keepSize(model: Model, world: World, said: string): Promise<boolean> {
    if (!said.includes("New size cannot be smaller than existing size")) {
        return false;
    }
    const { Volumes = [] } = await ec2Client(world.servers).send(new DescribeVolumesCommand({}));
    const sizeGiB = Math.max(...Volumes.map(({ Size = 0 }) => Size));
    assert.ok(sizeGiB > model.settings.sizeGiB, said);
    model.settings = { ...model.settings, sizeGiB };
    return true;
}

/** An update that nothing disturbs but the account's settings, and then those that it says have to follow. */
export async function upAtLast(model: Model, world: World): Promise<Outcome> {
    const isUnsure = model.hasDrifted || model.mayLoseNewVolumes;
    let outcome = await world.pulumi(model, [...up, ...(isUnsure ? ["--refresh"] : [])]);
    for (let attempt = 0; outcome.code !== 0 && attempt < 4; attempt++) {
        const { text } = outcome;
        const isToRepeat = giveUp(model, world, text) || (await continueMove(model, world, text));
        const flags = isToRepeat
            ? []
            : (await keepSize(model, world, text))
              ? ["--refresh"]
              : await followAdvice(world, text);
        if (!flags) {
            break;
        }
        world.refusals++;
        outcome = await world.pulumi(model, [...up, ...flags]);
    }
    return outcome;
}

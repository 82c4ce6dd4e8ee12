import assert from "node:assert/strict";
import type { Outcome } from "../cli/cli";
import { followAdvice } from "./account";
import { up } from "./world";
import type { Model, World } from "./world";

/** Gives up the volumes that an update misses and that somebody has deleted; false if it misses none. */
export function giveUp(model: Model, { ledger }: World, said: string): boolean {
    const missed = [
        ...said.replace(/\s+/g, " ").matchAll(/overrides\.(\d+)\.lostVolumeId must be "(vol-\w+)"/g),
    ];
    const lost = Object.fromEntries(missed.map(([, ordinal = "", id = ""]) => [ordinal, id]));
    Object.values(lost).forEach((id) => assert.ok(ledger.wasLetGo(id), `${id} isn't lost`));
    model.settings = { ...model.settings, lost: { ...model.settings.lost, ...lost } };
    return missed.length > 0;
}

/** An update that nothing disturbs but the account's settings, and then those that it says have to follow. */
export async function upAtLast(model: Model, world: World): Promise<Outcome> {
    const isUnsure = model.hasDrifted || model.mayLoseNewVolumes;
    let outcome = await world.pulumi(model, [...up, ...(isUnsure ? ["--refresh"] : [])]);
    for (let attempt = 0; outcome.code !== 0 && attempt < 4; attempt++) {
        const flags = giveUp(model, world, outcome.text) ? [] : await followAdvice(world, outcome.text);
        if (!flags) {
            break;
        }
        world.refusals++;
        outcome = await world.pulumi(model, [...up, ...flags]);
    }
    return outcome;
}

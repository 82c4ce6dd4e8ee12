import assert from "node:assert/strict";
import { volumesInState } from "../cluster/ledger";
import type { StateVolume } from "../cluster/ledger";
import { ordinalOf, zoneNamed } from "./world";
import type { Model, World } from "./world";

/** Pattern of the message if the next update must be refused. */
export async function expectedRefusal(model: Model, world: World): Promise<RegExp | undefined> {
    const { settings, zones } = model;
    if (zones.size === 0) {
        return /no node of the cluster/;
    }
    const volumes = await volumesInState(world.cli);
    const isExcess = ({ name }: StateVolume) => ordinalOf(name) >= settings.count;
    const stay = volumes.filter((volume) => !isExcess(volume));
    // The engine decides which of them it reports.
    const reasons = [
        ...(stay.some(({ sizeGiB }) => sizeGiB > settings.sizeGiB) ? [/can't shrink/] : []),
        ...(settings.encrypted !== false && stay.some(({ isEncrypted }) => isEncrypted === false)
            ? [/volume\.encrypted must be false while volume/]
            : []),
        ...(volumes.some((volume) => isExcess(volume) && volume.isProtected)
            ? [/cannot be deleted\s+because it is protected|in the storage, it is\s+protected/]
            : []),
    ];
    return reasons.length === 0 ? undefined : new RegExp(reasons.map(({ source }) => source).join("|"));
}

/** Checks that a preview is refused, and nothing is changed. */
export async function refused(model: Model, world: World, message: RegExp): Promise<void> {
    const before = await world.ledger.check();
    const { code, text } = await world.pulumi(model, ["preview"]);
    assert.notEqual(code, 0, text);
    // A deletion by others may be reported first.
    assert.match(
        text,
        model.hasDrifted
            ? new RegExp(`${message.source}|not found|did not exist|lostVolumeId must be`)
            : message,
    );
    assert.deepEqual(await world.ledger.check(), before);
}

/** Updates the model after an update. */
export function ended(model: Model, well: boolean): void {
    if (well) {
        model.applied = model.settings;
    }
    model.isInterrupted = !well;
}

/** Checks that every ordinal has its disk. */
export async function converged(model: Model, world: World, steps: readonly string[]): Promise<void> {
    const zones = [...model.zones].sort().map(zoneNamed);
    const volumes = await volumesInState(world.cli);
    const { name: storage, count, moves } = model.settings;
    const ordinals = Array.from({ length: count }, (_, ordinal) => ordinal);
    /** Names of a disk's volumes, the one that it is on last. */
    const namesOf = (ordinal: number) => [
        `${storage}-${ordinal}`,
        ...(moves[ordinal] ?? []).map((_, index) => `${storage}-${ordinal}-moved-${index + 1}`),
    ];
    assert.deepEqual(volumes.map(({ name }) => name).sort(), ordinals.flatMap(namesOf).sort());
    const present = await world.ledger.check();
    for (const { id, name, zone } of volumes) {
        const ordinal = ordinalOf(name);
        assert.equal(present.get(id), `data-${ordinal}`, `${id} is the volume of ${name}`);
        const move = moves[ordinal]?.[namesOf(ordinal).indexOf(name) - 1];
        if (move || steps.includes(`create Volume ${name}`)) {
            assert.equal(zone, move?.zone ?? zones[ordinal % zones.length]);
        }
    }
    const idOf = (name?: string) => volumes.find((volume) => volume.name === name)?.id;
    assert.deepEqual(
        Object.fromEntries(await world.disks()),
        Object.fromEntries(ordinals.map((ordinal) => [`data-${ordinal}`, idOf(namesOf(ordinal).at(-1))])),
    );
}

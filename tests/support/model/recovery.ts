import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { ec2Client } from "../../../sandbox/ec2/instances";
import { volumesInState } from "../cluster/ledger";
import { followAdvice } from "./account";
import { applyChange } from "./changes";
import type { Change } from "./changes";
import { converged, expectedRefusal } from "./expectations";
import { continueMove, giveUp, upAtLast } from "./updates";
import { ordinalOf } from "./world";
import type { Model, World } from "./world";

/**
 * Repairs an interrupted stack with `recover`.
 *
 * @returns its message if it refused because of the settings.
 */
export async function settle(model: Model, world: World): Promise<string | undefined> {
    if (!model.isInterrupted) {
        return undefined;
    }
    const { status, stdout, stderr } = await world.recover(model);
    const said = stdout + stderr;
    if (status === 0) {
        const { recoveries } = world;
        recoveries.ended++;
        recoveries.takenBack += (stdout.match(/vol-\w+ as \w+-\d+/g) ?? []).length > 0 ? 1 : 0;
        recoveries.listed += (stdout.match(/^volume vol-\w+ was made for/gm) ?? []).length;
        recoveries.forced += stdout.includes("with today's settings in place of") ? 1 : 0;
        Object.assign(model, {
            isInterrupted: false,
            hasDrifted: false,
            mayLoseNewVolumes: world.takesVolumesBack,
            applied: model.settings,
        });
        await converged(model, world, []);
        return undefined;
    }
    assert.ok(status === 2 || (await followAdvice(world, said)) !== undefined, said);
    if (/^nothing was interrupted: /m.test(said)) {
        model.isInterrupted = false;
        return undefined;
    }
    world.recoveries.refused++;
    if (giveUp(model, world, said) || (await continueMove(model, world, said))) {
        return settle(model, world);
    }
    if ((await followAdvice(world, said)) !== undefined) {
        return settle(model, world);
    }
    if (said.includes("would make an EMPTY one")) {
        const lines = said.split("\n").filter((line) => line.includes("would make an EMPTY one"));
        const [deleted = [], gone = []] = [true, false].map((isDeleted) =>
            lines.filter((line) => line.includes("was deleted by what was interrupted") === isDeleted),
        );
        assert.ok(gone.length === 0 || model.hasDrifted || model.mayLoseNewVolumes, said);
        const ids = deleted.flatMap((line) => line.match(/vol-[0-9a-f]+/g) ?? []);
        assert.ok(deleted.length === 0 || ids.length > 0, said);
        ids.forEach((id) => assert.ok(world.ledger.wasLetGo(id), `${id} was never to be deleted: ${said}`));
        await world.cli.run(["cancel", "--yes"]);
        const { code, stderr: why } = await world.cli.run(["refresh", "--yes", "--skip-preview"]);
        assert.equal(code, 0, why);
        return settle(model, world);
    }
    assert.ok(await isExpected(model, world, said), said);
    return said;
}

/** Changes the settings. Returns whether an update with them is possible. */
export async function accepts(model: Model, world: World, change: Change): Promise<boolean> {
    await applyChange(model, world, change);
    return (await settle(model, world)) === undefined && (await expectedRefusal(model, world)) === undefined;
}

/** Destroys the stack, which has to succeed once it is unprotected. */
export async function endStack(model: Model, world: World): Promise<void> {
    if (model.zones.size === 0) {
        await world.addNode("b");
        model.zones.add("b");
    }
    // Unencrypted volumes stay unencrypted.
    const isPlain = (await volumesInState(world.cli)).some(({ isEncrypted }) => isEncrypted === false);
    model.settings = { ...model.settings, count: 6, sizeGiB: 40, encrypted: isPlain ? false : undefined };
    assert.equal(await settle(model, world), undefined);
    const last = await upAtLast(model, world);
    assert.equal(last.code, 0, last.text);
    await world.cli.run(["state", "unprotect", "--all", "--yes"]);
    const { code, text } = await world.pulumi(model, ["destroy", "--yes", "--skip-preview"]);
    assert.equal(code, 0, text);
    await world.done("destroy");
    assert.deepEqual((await world.core.listPersistentVolume()).items, []);
}

async function isExpected({ settings, zones }: Model, world: World, said: string): Promise<boolean> {
    if (/no node of the cluster/.test(said)) {
        return zones.size === 0;
    }
    const volumes = await volumesInState(world.cli);
    if (/volume\.encrypted must be false/.test(said)) {
        return settings.encrypted !== false && volumes.some(({ isEncrypted }) => isEncrypted === false);
    }
    if (/can't shrink/.test(said)) {
        const VolumeIds = volumes.map(({ id }) => id);
        const { Volumes = [] } = await ec2Client(world.servers).send(
            new DescribeVolumesCommand({ VolumeIds }),
        );
        return Volumes.some(({ Size = 0 }) => Size > settings.sizeGiB);
    }
    const isExcess = (name: string) => ordinalOf(name) >= settings.count;
    return (
        /cannot be deleted\s+because it is protected|in the storage, it is\s+protected/.test(said) &&
        volumes.some(({ name, isProtected }) => isProtected && isExcess(name))
    );
}

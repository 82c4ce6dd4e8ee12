import { isVolumeType } from "../../../components/engine/resourceTypes";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type fc from "fast-check";
import { ec2Error } from "../../../sandbox/faults";
import { runWith } from "../cli/cli";
import type { Resource } from "../cluster/ledger";
import { hasPendingMove } from "./changes";
import { expectedRefusal } from "./expectations";
import { ordinalOf, up } from "./world";
import type { Model, Settings, World } from "./world";

interface Exported {
    readonly deployment: { readonly resources: Resource[] };
}

/** Mistakes of people, each of which loses or exchanges disks unless the next update is refused. */
export const mistakes = ["exchanged ids", "an id twice", "another account", "a shared volume"] as const;

/** A mistake, an update that is refused, and the mistake taken back. */
export class Mistake implements fc.AsyncCommand<Model, World> {
    public constructor(private readonly kind: (typeof mistakes)[number]) {}

    public check(model: Model): boolean {
        const { applied, settings, isInterrupted, hasDrifted, mayLoseNewVolumes } = model;
        const isSound = applied !== undefined && !isInterrupted && !hasDrifted && !mayLoseNewVolumes;
        return isSound && !hasPendingMove(model) && Math.min(applied.count, settings.count) > 1;
    }

    public async run(model: Model, world: World): Promise<void> {
        if ((await expectedRefusal(model, world)) === undefined) {
            const state = await exportState(world);
            const before = await world.disks();
            const config = await this.make(model.settings, world, state);
            const { code, text } = await runWith(world.cli, config, up);
            assert.notEqual(code, 0, text);
            assert.match(
                text.replace(/\s+/g, " "),
                /lostVolumeId is missing|exchanged|must not be (a|the) volume/,
            );
            assert.deepEqual(await world.disks(), before, text);
            await importState(world, state);
        }
        await world.done(this.toString());
    }

    /** Returns the config of the next update. */
    private async make(settings: Settings, world: World, state: string): Promise<Record<string, unknown>> {
        const config = world.config(settings);
        const edited = JSON.parse(state) as Exported;
        const [first, second] = [0, 1].map((ordinal) => volumeOf(edited, ordinal));
        assert.ok(first && second, "two disks in the state");
        switch (this.kind) {
            case "exchanged ids":
                exchange(first, second);
                await importState(world, JSON.stringify(edited));
                return config;
            case "an id twice":
                Object.assign(second, { id: first.id, outputs: first.outputs });
                await importState(world, JSON.stringify(edited));
                return config;
            case "another account":
                world.faulty.ec2.fail(ec2Error(400, "InvalidVolume.NotFound"), {
                    matching: ({ body }) => body.includes("Action=DescribeVolumes"),
                });
                await world.cli.run(["refresh", "--yes", "--skip-preview"]);
                world.faulty.ec2.heal();
                return config;
            case "a shared volume": {
                const storage = { count: 1, volume: { sizeGiB: 10 } };
                const other = { ...storage, overrides: { "0": { volumeId: first.id } } };
                return { ...config, storages: { ...(config["storages"] as object), other } };
            }
        }
    }

    public toString(): string {
        return `a mistake: ${this.kind}`;
    }
}

/** The volume that a disk is on, in a state. */
function volumeOf({ deployment }: Exported, ordinal: number): Resource | undefined {
    return deployment.resources
        .filter(({ type }) => isVolumeType(type))
        .filter(({ urn }) => ordinalOf(urn.split("::").at(-1) ?? "") === ordinal)
        .sort((one, other) => one.urn.localeCompare(other.urn))
        .at(-1);
}

function exchange(one: Resource, other: Resource): void {
    const { id, outputs } = one;
    Object.assign(one, { id: other.id, outputs: other.outputs });
    Object.assign(other, { id, outputs });
}

async function exportState({ cli }: World): Promise<string> {
    const { code, stdout, stderr } = await cli.run(["stack", "export"]);
    assert.equal(code, 0, stderr);
    return stdout;
}

async function importState({ cli }: World, state: string): Promise<void> {
    const file = join(cli.project, "imported.json");
    writeFileSync(file, state);
    const { code, stderr } = await cli.run(["stack", "import", "--file", file]);
    assert.equal(code, 0, stderr);
}

import { nameOf, previewOrThrow, readPreview, stepText, typeOf } from "../engine/preview";
import type { PlannedStep, Preview } from "../engine/preview";
import { doOrThrow, unattendedFlags } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import { refuse } from "../terminal/confirm";
import type { RecordedMove } from "./journal";
import { madeName } from "./madeVolumes";

/** Whether the program has moves already: a preview makes their volumes, or refuses while the disks are in use. */
export async function hasMoves(pulumi: Pulumi, moves: readonly RecordedMove[]): Promise<boolean> {
    const preview = readPreview(await pulumi.ask(["preview", "--json"]));
    if (preview.problem !== undefined) {
        return /\.from must not be NewSnapshot while volume/.test(preview.problem);
    }
    const created = new Set(preview.volumes.map(({ urn }) => nameOf(urn)));
    return moves.every((move) => created.has(madeName(move)));
}

/**
 * The update that makes the moves.
 *
 * @throws Error if it would do anything else to disks, or fails.
 */
export async function update(pulumi: Pulumi, moves: readonly RecordedMove[]): Promise<void> {
    const preview = await previewOrThrow(pulumi);
    const strange = strangeSteps(preview, moves);
    refuse(
        strange.length > 0
            ? `the update would do more than to move these disks, and wasn't run: ${strange.join(", ")}`
            : undefined,
    );
    await doOrThrow(pulumi, ["up", ...unattendedFlags]);
}

/**
 * Steps of the settings as they are that would make, replace or delete disks: they would be mixed with the moves.
 *
 * @throws Error if they can't be previewed.
 */
export async function pendingSteps(pulumi: Pulumi): Promise<string[]> {
    return strangeSteps(await previewOrThrow(pulumi), []);
}

/** Steps that aren't of these moves, and make, replace or delete something. */
function strangeSteps({ steps }: Preview, moves: readonly RecordedMove[]): string[] {
    const made = new Set(moves.map(madeName));
    const disks = new Set(moves.map(({ storage, ordinal }) => `${storage}-${ordinal}`));
    const isOwn = ({ op, urn }: PlannedStep) => {
        const [type, name] = [typeOf(urn), nameOf(urn)];
        if (/:(Volume|Snapshot)$/.test(type)) {
            // A snapshot from which no volume was made is taken again; one that has its volume isn't needed any more.
            return made.has(name) && (op === "create" || type.endsWith(":Snapshot"));
        }
        return disks.has(name) && /:(PersistentVolume|PersistentVolumeClaim)$/.test(type);
    };
    return steps
        .filter((step) => !step.isComponent && step.op !== "update" && !isOwn(step))
        .filter(({ urn }) => !/^pulumi:/.test(typeOf(urn)))
        .map(stepText);
}

import { nameOf } from "../inspect/persistentVolumes";
import type { Journal } from "./journal";
import type { Means } from "./means";
import { readWorld } from "./world";

/** Looks at the result in the state, the cluster and EC2: a line for each disk or pod that isn't as it is to be. */
export async function verify(
    { moves }: Journal,
    { pulumi, clients, stack }: Pick<Means, "pulumi" | "clients" | "stack">,
): Promise<string[]> {
    const { disks, places, inventory } = await readWorld(pulumi, clients, { stack });
    const zoneOf = new Map(places.map(({ name, zone }) => [name, zone]));
    const phases = new Map(
        inventory.cluster.persistentVolumes.map((one) => [nameOf(one), one.status?.phase ?? "Pending"]),
    );
    return moves.flatMap((move) => {
        const disk = disks.find(({ name }) => name === move.name);
        if (!disk || disk.problem !== undefined) {
            return [`${move.name}: ${disk?.problem ?? "the stack doesn't have it any more"}`];
        }
        const phase = phases.get(move.name);
        return [
            ...(disk.volumeId === move.volumeId ? [`${move.name} is still on ${move.volumeId}`] : []),
            ...(disk.zone === move.zone ? [] : [`${move.name} is in ${disk.zone}, not in ${move.zone}`]),
            ...(disk.hasClaim && phase !== "Bound"
                ? [`PersistentVolume ${move.name} is ${phase}: claim ${disk.claim} isn't bound to it`]
                : []),
            ...disk.pods
                .filter(({ spec }) => zoneOf.get(spec?.nodeName ?? "") !== disk.zone)
                .map((pod) => `pod ${nameOf(pod)} doesn't run in ${disk.zone}, where ${move.name} is`),
        ];
    });
}

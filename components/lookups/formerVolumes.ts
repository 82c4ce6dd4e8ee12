import { log } from "@pulumi/pulumi";
import type { InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Past } from "../history/past";
import type { Disk } from "../plan/disks";
import { whenKnown } from "../validation/secrets";
import { queryMadeFor } from "./awsQueries";

/** Volumes that are named with their disk, for each of which EC2 has to be asked. */
const mostNamed = 10;

/**
 * Warnings of volumes that EC2 has of disks to which the state has none, such as those that deletionPolicy Retain kept when
 * an ordinal was taken away: the disks would get new, empty ones. One call for up to 100 new disks, none without, and one
 * more for each disk where there are a few such volumes.
 */
export function findFormerVolumes(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    past: Output<Past>,
    opts: InvokeOptions,
): Output<string[]> {
    const { clusterName, region, volume } = args;
    const kind = volume.from ? "new" : "new, empty";
    return past.apply(({ recorded, failure }) => {
        const added = disks.filter(
            ({ ordinal, volumeId, current }) =>
                recorded !== undefined &&
                volumeId === undefined &&
                current.settings.snapshotId === undefined &&
                !current.isCopy &&
                (recorded.get(ordinal)?.volumes.size ?? 0) === 0,
        );
        return whenKnown({ clusterName, region }, async (known, hide) =>
            failure !== undefined || added.length === 0
                ? []
                : (await warningsOf(added, kind, known.clusterName, known.region, opts)).map(hide),
        );
    });
}

async function warningsOf(
    disks: readonly Disk[],
    kind: string,
    clusterName: string,
    region: string | undefined,
    opts: InvokeOptions,
): Promise<string[]> {
    const madeFor = (some: readonly Disk[]) => {
        const names = some.map(({ persistentVolumeName }) => persistentVolumeName);
        return queryMadeFor(clusterName, names, region, opts);
    };
    try {
        const all = await madeFor(disks);
        if (all.length === 0) {
            return [];
        }
        if (all.length > mostNamed) {
            const [first, second] = all;
            return [
                `EC2 has ${all.length} volumes, such as ${first} and ${second}, that were made before for PersistentVolumes that ` +
                    `get ${kind} ones: to use one again, set overrides.<ordinal>.volumeId. Its tag ` +
                    "kubernetes.io/created-for/pv/name has the PersistentVolume's name",
            ];
        }
        const found = await Promise.all(disks.map(async (disk) => ({ disk, ids: await madeFor([disk]) })));
        return found
            .filter(({ ids }) => ids.length > 0)
            .map(
                ({ disk: { ordinal, persistentVolumeName }, ids }) =>
                    `PersistentVolume ${persistentVolumeName} gets a ${kind} volume, and EC2 has ${ids.join(", ")}, made for ` +
                    `it before: to use that again, set overrides.${ordinal}.volumeId`,
            );
    } catch (error) {
        // A warning that can't be had is no reason against an update.
        void log.debug(`volumes made before can't be looked for: ${String(error)}`);
        return [];
    }
}

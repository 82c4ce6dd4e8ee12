import { lookup } from "../inspect/lookup";
import { nameOf, persistentVolumesFor, zonesOf } from "../inspect/persistentVolumes";
import { claimNamesOf } from "../inspect/pods";
import type { Cluster } from "../inspect/cluster";
import { sh } from "../terminal/shell";
import type { Workload } from "../workloads/workload";
import { claimNamed } from "./claims";
import type { Disk } from "./disks";
import type { Goal } from "./goal";
import type { DiskGroup } from "./groups";
import type { DiskWorld } from "./world";

/** Why a group's pods couldn't start where its disks would go: they use a disk, too, that isn't the stack's and stays. */
export function foreignDisk(
    { name, disks }: DiskGroup,
    { candidates = [], zones }: Pick<Goal, "candidates" | "zones">,
    { persistentVolumes }: Pick<Cluster, "persistentVolumes">,
    own: readonly Disk[],
): string | undefined {
    const chosen = zones?.get(name);
    const targets = chosen === undefined ? candidates : [chosen];
    const claims = disks.flatMap(({ pods }) => pods.flatMap(claimNamesOf));
    const foreign = claims
        .flatMap((claim) => persistentVolumesFor(persistentVolumes, claim))
        .filter((one) => disksNamed(own, nameOf(one)).length === 0)
        .find((one) => {
            const possible = zonesOf(one);
            return possible.length > 0 && !targets.every((zone) => possible.includes(zone));
        });
    return (
        foreign &&
        `its pod uses PersistentVolume ${nameOf(foreign)}, too, which isn't this stack's and stays in ${zonesOf(foreign).join(", ")}: take that out of the pod first`
    );
}

const disksNamed = lookup<Disk>(({ name }) => [name]);

/** A claim that Kubernetes wouldn't delete at once, while the pods are ended. */
export function finalizerWarning({ claim, finalizers }: Disk): string[] {
    if (claim === undefined || finalizers.length === 0) {
        return [];
    }
    const { namespace, name } = claimNamed(claim);
    return [
        `claim ${claim} should have no finalizer but kubernetes.io/pvc-protection, got ${finalizers.join(", ")}: its pods stay ended until whoever set it has removed it from the deleted claim; see that this controller runs, or remove it with ${sh`kubectl edit pvc/${name} --namespace=${namespace}`}`,
    ];
}

/**
 * StatefulSets that would not start pods again which run now, with the reason: one that starts its pods in turn waits for
 * a pod whose disk stays in a zone without ready nodes.
 *
 * @param moved - Disks that would move.
 */
export function setsThatWouldWait(
    { groups, places }: Pick<DiskWorld, "groups" | "places">,
    moved: ReadonlySet<Disk>,
    workloads: readonly Workload[],
): ReadonlyMap<Workload, string> {
    const ready = new Set(places.filter(({ isReady }) => isReady).map(({ zone }) => zone));
    const isStuck = (disk: Disk) => !moved.has(disk) && !ready.has(disk.zone);
    const waiting = new Map<Workload, string>();
    for (const set of workloads.filter(({ startsInTurn }) => startsInTurn)) {
        const members = groups
            .flatMap(({ name, disks }) => ({ disks, name, ordinal: ordinalIn(set, name) }))
            .filter(({ ordinal }) => ordinal >= 0)
            .sort((one, other) => one.ordinal - other.ordinal);
        const stuck = members.findIndex(({ disks }) => disks.some(isStuck));
        const later = members
            .slice(stuck + 1)
            .filter(({ disks }) => disks.some(({ pods }) => pods.length > 0));
        if (stuck >= 0 && later.length > 0) {
            const zone = members[stuck]?.disks.find(isStuck)?.zone;
            waiting.set(
                set,
                `StatefulSet ${set.namespace}/${set.name} starts its pods in turn: ${later.map(({ name }) => name).join(", ")} would wait for ${members[stuck]?.name}, whose disk stays in ${zone}, a zone without ready nodes; that one has to move, too`,
            );
        }
    }
    return waiting;
}

/** The ordinal of a pod in a StatefulSet; -1 if it isn't one of its pods. */
function ordinalIn({ namespace, name }: Workload, pod: string): number {
    const prefix = `${namespace}/${name}-`;
    const digits = pod.startsWith(prefix) ? pod.slice(prefix.length) : "";
    return /^\d+$/.test(digits) ? Number(digits) : -1;
}

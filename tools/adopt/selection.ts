import type { V1PersistentVolume } from "@kubernetes/client-node";
import { compareNames } from "../inspect/order";
import { nameOf } from "../inspect/persistentVolumes";
import { memberOf } from "./statefulSets";
import type { ClaimOwner } from "./statefulSets";
import { claimIn } from "./existingDisk";
import type { ClaimName } from "./existingDisk";

/** Which disks to adopt. */
export interface Selection {
    /** Names of PersistentVolumes. */
    readonly names: readonly string[];
    /** Name of a StatefulSet. */
    readonly statefulSet?: string;
    /** Namespace of the claims, or of the StatefulSet. */
    readonly namespace?: string;
    /** A label selector for the claims. */
    readonly selector?: string;
    /** All disks of the cluster. */
    readonly all?: boolean;
}

/** Objects of the cluster among which is selected. */
export interface Candidates {
    readonly persistentVolumes: readonly V1PersistentVolume[];
    readonly owners: readonly ClaimOwner[];
    /** Names of the claims with the labels, with their namespaces; undefined if no labels are asked for. */
    readonly labelled?: ReadonlySet<string>;
}

/**
 * The PersistentVolumes that are selected, in the order of their claims: provisioners give them random names.
 *
 * @throws Error that lists everything that is wrong with the selection.
 */
export function selected(selection: Selection, candidates: Candidates): V1PersistentVolume[] {
    const { persistentVolumes } = candidates;
    const known = new Set(persistentVolumes.map(nameOf));
    const unknown = selection.names.filter((name) => !known.has(name));
    if (unknown.length > 0) {
        throw new Error(`there is no PersistentVolume ${unknown.join(", ")} in the cluster`);
    }
    const { statefulSet, namespace, selector, all } = selection;
    const hasFilter = [statefulSet, namespace, selector].some((one) => one !== undefined) || all === true;
    if (selection.names.length > 0 && hasFilter) {
        throw new Error(
            "names of PersistentVolumes can't be combined with --stateful-set, --namespace, --selector or --all",
        );
    }
    if (selection.names.length === 0 && !hasFilter) {
        throw new Error(
            "say which disks: names of PersistentVolumes, --stateful-set, --namespace, --selector or --all",
        );
    }
    const found = persistentVolumes.filter((one) =>
        selection.names.length > 0
            ? selection.names.includes(nameOf(one))
            : isWanted(claimIn(one), selection, candidates),
    );
    if (found.length === 0) {
        throw new Error("no PersistentVolume of the cluster is like that");
    }
    return [...found].sort(byClaim);
}

function byClaim(a: V1PersistentVolume, b: V1PersistentVolume): number {
    const [one, other] = [claimIn(a), claimIn(b)];
    return (
        compareNames(one?.namespace ?? "", other?.namespace ?? "") ||
        compareNames(one?.name ?? "", other?.name ?? "") ||
        compareNames(nameOf(a), nameOf(b))
    );
}

function isWanted(
    claim: ClaimName | undefined,
    { statefulSet, namespace, all }: Selection,
    { owners, labelled }: Candidates,
): boolean {
    if (!claim) {
        return all === true && statefulSet === undefined && namespace === undefined && !labelled;
    }
    return (
        (namespace === undefined || claim.namespace === namespace) &&
        (!labelled || labelled.has(`${claim.namespace}/${claim.name}`)) &&
        (statefulSet === undefined || memberOf(claim, owners)?.statefulSet === statefulSet)
    );
}

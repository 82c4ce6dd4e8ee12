import type { V1PersistentVolume } from "@kubernetes/client-node";
import { CsiDriver } from "../../components/args/persistentVolumeArgs";
import { clustersIn, volumeTags } from "../../components/plan/tags";
import { moveFrom } from "../inspect/moves";
import { lostVolumes } from "./lostVolumes";
import { otherClusters } from "./foreignVolumes";
import { awsEc2, endClaimOf } from "./remedies";
import { undelete } from "./undelete";
import {
    isBeingDeleted,
    isStatic,
    nameOf,
    persistentVolumesOf,
    volumeIdOf,
} from "../inspect/persistentVolumes";
import { tagsOf } from "../inspect/tags";
import { volumesById } from "../inspect/ec2";
import type { Ec2 } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { sh, shorthand } from "../terminal/shell";
import { ordinalOf } from "../inspect/state";
import type { State, StateVolume } from "../inspect/state";
import { statePersistentVolumesOf, stateVolumesWithId } from "../inspect/stateLookups";

/** A volume that PersistentVolumes or the state name. */
export interface NamedVolume {
    readonly volumeId: string;
    readonly persistentVolumes: readonly V1PersistentVolume[];
    readonly inState?: StateVolume;
}

/** Problems of volumes that PersistentVolumes or the state name. */
export function volumeFindings(inventory: Inventory): Finding[] {
    const lost = new Set(lostVolumes(inventory).map(({ volumeId }) => volumeId));
    return namedVolumes(inventory).flatMap((named) => [
        ...(inventory.ec2
            ? [
                  // The finding that the state has lost it includes this one.
                  ...(lost.has(named.volumeId) ? [] : missing(named, inventory.ec2, inventory)),
                  ...failed(named, inventory.ec2, inventory.state),
                  ...untagged(named, inventory.ec2, inventory.clusterNames),
              ]
            : []),
        ...unused(named, inventory),
    ]);
}

/** Volumes of the cluster's static PersistentVolumes and of the state's storages. */
export function namedVolumes({
    cluster,
    state,
}: Partial<Pick<Inventory, "cluster" | "state">>): NamedVolume[] {
    const persistentVolumes = (cluster?.persistentVolumes ?? []).filter(
        (one) => isStatic(one) && !isBeingDeleted(one),
    );
    const inState = state?.volumes.filter(({ storage }) => storage !== undefined) ?? [];
    const ids = new Set([
        ...persistentVolumes.flatMap((one) => volumeIdOf(one) ?? []),
        ...inState.map(({ volumeId }) => volumeId),
    ]);
    return [...ids].map((volumeId) => ({
        volumeId,
        persistentVolumes: persistentVolumesOf(persistentVolumes, volumeId),
        inState: stateVolumesWithId(inState, volumeId)[0],
    }));
}

/** A volume that isn't in EC2: its data is in snapshots, unless an update first creates an empty one. */
function missing(named: NamedVolume, ec2: Ec2, inventory: Inventory): Finding[] {
    if (volumesById(ec2).has(named.volumeId)) {
        return [];
    }
    const empty = "a pulumi up after a refresh would make an EMPTY one in its place";
    const { state } = inventory;
    const danger = named.inState ? `: ${empty}` : state ? "" : `: if it is a stack's, ${empty}`;
    const back = undelete(named.volumeId, inventory);
    return [
        {
            what: `${subject(named)} isn't in EC2 in ${ec2.region}${danger}`,
            mend:
                back.length > 0
                    ? back
                    : [
                          ...snapshots(named, ec2, state),
                          ...(named.inState ? ["pulumi refresh", "pulumi up"] : []),
                      ],
        },
    ];
}

/** EC2 has given up the volume: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html. */
function failed(named: NamedVolume, ec2: Ec2, state: State | undefined): Finding[] {
    if (volumesById(ec2).get(named.volumeId)?.State !== "error") {
        return [];
    }
    return [
        {
            what: `${subject(named)} is in state error: EC2 can't recover what it held`,
            mend: [
                ...snapshots(named, ec2, state),
                awsEc2(sh`delete-volume --volume-id=${named.volumeId}`, ec2),
                ...(named.inState ? ["pulumi refresh", "pulumi up"] : []),
            ],
        },
    ];
}

/** A volume without the tags by which IAM policies of kops and the driver allow the driver to attach it. */
function untagged(named: NamedVolume, ec2: Ec2, clusterNames: readonly string[]): Finding[] {
    const volume = volumesById(ec2).get(named.volumeId);
    const owners = volume && [...new Set(clustersIn(tagsOf(volume)))];
    // No tags are proposed if the volume is another cluster's, or its tags name several.
    const isClear = clusterNames.length > 0 || (owners?.length ?? 0) < 2;
    if (!volume || !isClear || otherClusters(volume, clusterNames).length > 0) {
        return [];
    }
    const has = tagsOf(volume);
    const isAutoMode = named.persistentVolumes.some(
        ({ spec }) => spec?.csi?.driver === CsiDriver.eksAutoMode,
    );
    const driver = isAutoMode ? CsiDriver.eksAutoMode : CsiDriver.ebs;
    const cluster = clusterFor(owners?.[0], clusterNames);
    const { KubernetesCluster, ...others } = volumeTags(cluster, "", driver);
    const needed = {
        KubernetesCluster,
        "ebs.csi.aws.com/cluster": others["ebs.csi.aws.com/cluster"],
        ...(isAutoMode && { "eks:eks-cluster-name": others["eks:eks-cluster-name"] }),
    };
    const lacks = Object.entries(needed).filter(([key, value]) => has[key] !== value);
    if (lacks.length === 0) {
        return [];
    }
    const tags = lacks.map(([key, value = ""]) => sh`Key=${shorthand(key)},Value=${shorthand(value)}`);
    return [
        {
            what: `${subject(named)} lacks the tags ${lacks.map(([key, value]) => `${key}=${value}`).join(" and ")}: the EBS CSI driver's IAM policy may keep it from being attached`,
            mend: [awsEc2(`${sh`create-tags --resources=${named.volumeId}`} --tags ${tags.join(" ")}`, ec2)],
        },
    ];
}

/** The cluster to put into the tags: the volume's own, if it is one of the possible ones. */
function clusterFor(tagged: string | undefined, clusterNames: readonly string[]): string {
    const [only, ...others] = clusterNames;
    if (tagged !== undefined && (only === undefined || clusterNames.includes(tagged))) {
        return tagged;
    }
    return only === undefined || others.length > 0 ? "<cluster>" : only;
}

/** A volume of the stack without a PersistentVolume. */
function unused({ volumeId, inState }: NamedVolume, inventory: Inventory): Finding[] {
    const { ec2, state, cluster, clusterNames } = inventory;
    const exists = !ec2 || volumesById(ec2).has(volumeId);
    const isHere = inState?.clusterName === undefined || clusterNames.includes(inState.clusterName);
    const isUsed = persistentVolumesOf(cluster.persistentVolumes, volumeId).length > 0;
    const isKept = inState && moveFrom(inState, state) !== undefined;
    if (!inState || isKept || isUsed || !exists || !isHere) {
        return [];
    }
    const isInState = statePersistentVolumesOf(state?.persistentVolumes, volumeId).length > 0;
    return [
        {
            what: `volume ${volumeId} (${inState.name} in the state) has no PersistentVolume in the cluster of context ${cluster.context}`,
            mend: [...(isInState ? ["pulumi refresh"] : []), "pulumi up"],
        },
    ];
}

/** Steps that restore a volume from its snapshot, or release a volume that the disk was moved from. */
function snapshots(
    { volumeId, inState, persistentVolumes }: NamedVolume,
    ec2: Ec2,
    state: State | undefined,
): string[] {
    const left = inState && moveFrom(inState, state);
    if (left) {
        return [`first set ${left.release}, and only then`];
    }
    const describe = sh`describe-snapshots --owner-ids self --filters Name=volume-id,Values=${shorthand(volumeId)}`;
    const override = inState && `overrides.${ordinalOf(inState.name)}`;
    const isMoved = inState !== undefined && /-\d+-moved-\d+$/.test(inState.name);
    return [
        awsEc2(describe, ec2),
        ...(inState
            ? [
                  ...persistentVolumes.flatMap(endClaimOf),
                  isMoved
                      ? `restore first: add a move with its last snapshot, its zone and previous: Release to ${override}.moves of storage ${inState.storage?.name}, set ${override}.lostVolumeId to ${volumeId}, and only then`
                      : `restore first: set ${override}.snapshotId of storage ${inState.storage?.name} to its last snapshot, ${override}.lostVolumeId to ${volumeId}, and only then`,
              ]
            : [
                  "restore: make a volume from its last snapshot, and have the PersistentVolume made again for that one",
              ]),
    ];
}

function subject({ volumeId, persistentVolumes, inState }: NamedVolume): string {
    const names = [
        ...persistentVolumes.map((one) => `PersistentVolume ${nameOf(one)}`),
        ...(inState ? [`${inState.name} in the state`] : []),
    ];
    return `volume ${volumeId} (${names.join(", ")})`;
}

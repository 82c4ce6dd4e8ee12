import type { V1Node } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { attachSlotFindings } from "../doctor/attachSlotFindings";
import { backupFindings } from "../doctor/backupFindings";
import { wrongPlaceFindings } from "../doctor/wrongPlace";
import { attachSlotsOn } from "../inspect/attachSlots";
import { grouped } from "../inspect/grouped";
import { nameOf } from "../inspect/persistentVolumes";
import { takesPods } from "../inspect/nodes";
import { compareDisks, compareNames } from "../inspect/order";
import type { DiskPlace } from "../inspect/order";
import { isOfItsNode } from "../inspect/pods";
import type { Pods } from "../inspect/pods";
import { ordinalOf } from "../inspect/state";
import { placedDisks } from "./mapDisks";
import type { PlacedDisk } from "./mapDisks";
import type { MapData } from "./mapData";
import type { Concern, MapDisk, MapNode, Spread, Zone, ZoneMap } from "./model";
import { noticesOf } from "./notices";

/** The worst first. */
const concernOrder: readonly Concern[] = ["gone", "error", "noNode", "failed", "released"];

/** Builds the map from what was read. */
export function buildMap(data: MapData): ZoneMap {
    const { state, cluster, attachSlots, ec2, snapshots } = data;
    const nodes = cluster?.nodes;
    const placed = placedDisks(data);
    const names = new Set([
        ...placed.map(({ zone }) => zone),
        ...(nodes ?? []).filter(takesPods).map(zoneOf),
        ...(state?.storages ?? []).flatMap(({ zones }) => zones),
    ]);
    const zones = [...names].sort(compareNames).map((name) => zone(name, placed, data));
    const storages = spreads(zones, state?.storages ?? []);
    return {
        stack: state?.stack === "" ? undefined : state?.stack,
        clusters: data.clusterNames,
        region: ec2?.region ?? state?.region,
        lookedAt: data.at.toISOString(),
        sources: {
            state: state !== undefined,
            cluster: cluster !== undefined,
            nodes: nodes !== undefined,
            attachSlots: attachSlots !== undefined,
            ec2: ec2 !== undefined,
            snapshots: snapshots !== undefined,
        },
        unseen: data.unseen,
        elsewhere: data.elsewhere,
        backupsNotLookedAt: data.backups?.notLookedAt ?? [],
        notices: noticesOf(
            zones,
            storages,
            wrongPlaceFindings(data).map(({ what }) => what),
            attachSlotFindings(data).map(({ what }) => what),
            backupFindings(data).map(({ what }) => what),
        ),
        zones,
        storages,
    };
}

function zone(name: string, placed: readonly PlacedDisk[], { cluster, attachSlots }: MapData): Zone {
    const here = cluster?.nodes?.filter((node) => zoneOf(node) === name);
    const nodes = here
        ?.map((node) => mapNode(node, attachSlots))
        .sort((a, b) => compareNames(a.name, b.name));
    const isStranded = name !== "" && nodes !== undefined && !nodes.some((node) => node.takesPods);
    const disks = placed
        .filter((one) => one.zone === name)
        .map(({ disk }) => disk)
        .map((disk) => withConcern(disk, isStranded && disk.movedTo === undefined))
        .sort(byImportance);
    return { name, nodes, disks, otherPods: otherPodsOf(here ?? [], disks, cluster?.pods) };
}

/** Number of pods on these nodes that use none of the disks and would start elsewhere. */
function otherPodsOf(
    nodes: readonly V1Node[],
    disks: readonly MapDisk[],
    { withClaims, others }: Pods = { withClaims: [], others: {} },
): number {
    const onDisks = new Set(disks.flatMap(({ pods }) => pods.map((pod) => pod.name)));
    const names = new Set(nodes.map(nameOf));
    const withOtherClaims = withClaims.filter(
        (pod) => names.has(pod.spec?.nodeName ?? "") && !isOfItsNode(pod) && !onDisks.has(nameOf(pod)),
    );
    return withOtherClaims.length + [...names].reduce((sum, name) => sum + (others[name] ?? 0), 0);
}

function withConcern(disk: MapDisk, isStranded: boolean): MapDisk {
    const concerns = isStranded ? [...disk.concerns, "noNode" as const] : disk.concerns;
    return {
        ...disk,
        concerns: [...concerns].sort((a, b) => concernOrder.indexOf(a) - concernOrder.indexOf(b)),
    };
}

function mapNode(node: V1Node, attachSlots: MapData["attachSlots"]): MapNode {
    const [slots] = attachSlotsOn(attachSlots, nameOf(node));
    return {
        name: nameOf(node),
        instanceType: node.metadata?.labels?.["node.kubernetes.io/instance-type"],
        takesPods: takesPods(node),
        attachSlots: slots && {
            used: slots.users.length,
            free: Math.max(0, slots.count - slots.users.length),
        },
    };
}

function zoneOf({ metadata }: V1Node): string {
    return metadata?.labels?.[zoneLabel] ?? "";
}

function spreads(
    zones: readonly Zone[],
    storages: readonly { readonly name: string; readonly zones: readonly string[] }[],
): Spread[] {
    const usable = zones.filter(({ nodes }) => nodes?.some((node) => node.takesPods)).map(({ name }) => name);
    const all = zones.flatMap(({ name, disks }) =>
        disks
            .filter(({ movedTo }) => movedTo === undefined)
            .map(({ storage, sizeGiB = 0 }) => ({ zone: name, storage, sizeGiB })),
    );
    return grouped(all, ({ storage }) => storage ?? "")
        .sort(([a], [b]) => Number(a === "") - Number(b === "") || compareNames(a, b))
        .map(([name, disks]) => {
            // Zones with disks, and zones that get or could get new ones.
            const told = storages.find((one) => one.name === name)?.zones ?? [];
            const own = told.length > 0 ? told : usable;
            const counts = [...new Set([...disks.map((one) => one.zone), ...own])]
                .sort(compareNames)
                .map((zone) => [zone, disks.filter((one) => one.zone === zone).length] as const);
            const numbers = counts.map(([, count]) => count);
            return {
                storage: name === "" ? undefined : name,
                disks: Object.fromEntries(counts),
                sizeGiB: disks.reduce((sum, one) => sum + one.sizeGiB, 0),
                // Disks of no storage are where their pods were: uneven on purpose.
                isUneven: name !== "" && Math.max(...numbers) - Math.min(...numbers) > 1,
            };
        });
}

/** By storage and ordinal; kept volumes come last. */
function byImportance(a: MapDisk, b: MapDisk): number {
    return (
        Number(a.movedTo !== undefined) - Number(b.movedTo !== undefined) ||
        compareDisks(placeOf(a), placeOf(b))
    );
}

function placeOf({ storage, name }: MapDisk): DiskPlace {
    return { storage, name, ordinal: ordinalOf(name) };
}

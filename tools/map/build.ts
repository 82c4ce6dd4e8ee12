import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { zoneLabel } from "../../components/plan/zoneLabels";
import { grouped } from "../inspect/grouped";
import { nameOf } from "../inspect/persistentVolumes";
import { takesPods } from "../inspect/nodes";
import { placedDisks } from "./mapDisks";
import type { PlacedDisk } from "./mapDisks";
import type { Sight } from "./mapData";
import type { Concern, MapDisk, MapNode, Spread, Zone, ZoneMap } from "./model";
import { noticesOf } from "./notices";
import { byName } from "./format";

/** The worst first. */
const concernOrder: readonly Concern[] = ["gone", "error", "noNode", "failed", "released"];

/** Draws up the map of what was seen. */
export function mapOf(sight: Sight): ZoneMap {
    const { state, cluster, ec2, snapshots } = sight;
    const nodes = cluster?.nodes;
    const placed = placedDisks(sight);
    const names = new Set([
        ...placed.map(({ zone }) => zone),
        ...(nodes ?? []).filter(takesPods).map(zoneOf),
        ...(state?.storages ?? []).flatMap(({ zones }) => zones),
    ]);
    const zones = [...names].sort(byName).map((name) => zone(name, placed, sight));
    const storages = spreads(zones, state?.storages ?? []);
    return {
        stack: state?.stack === "" ? undefined : state?.stack,
        clusters: sight.clusterNames,
        region: ec2?.region ?? state?.region,
        lookedAt: sight.at.toISOString(),
        sources: {
            state: state !== undefined,
            cluster: cluster !== undefined,
            nodes: nodes !== undefined,
            ec2: ec2 !== undefined,
            snapshots: snapshots !== undefined,
        },
        unseen: sight.unseen,
        notices: noticesOf(zones, storages),
        zones,
        storages,
    };
}

function zone(name: string, placed: readonly PlacedDisk[], { cluster }: Sight): Zone {
    const here = cluster?.nodes?.filter((node) => zoneOf(node) === name);
    const nodes = here?.map(mapNode).sort((a, b) => byName(a.name, b.name));
    const isStranded = name !== "" && nodes !== undefined && !nodes.some((node) => node.takesPods);
    const disks = placed
        .filter((one) => one.zone === name)
        .map(({ disk }) => disk)
        .map((disk) => withConcern(disk, isStranded && disk.movedTo === undefined))
        .sort(byImportance);
    const onDisks = new Set(disks.flatMap(({ pods }) => pods.map((pod) => pod.name)));
    const nodeNames = new Set(here?.map(nameOf));
    const others = (cluster?.pods ?? []).filter(
        (pod) => nodeNames.has(pod.spec?.nodeName ?? "") && !isOfItsNode(pod) && !onDisks.has(nameOf(pod)),
    );
    return { name, nodes, disks, otherPods: others.length };
}

function withConcern(disk: MapDisk, isStranded: boolean): MapDisk {
    const concerns = isStranded ? [...disk.concerns, "noNode" as const] : disk.concerns;
    return {
        ...disk,
        concerns: [...concerns].sort((a, b) => concernOrder.indexOf(a) - concernOrder.indexOf(b)),
    };
}

function mapNode(node: V1Node): MapNode {
    return {
        name: nameOf(node),
        instanceType: node.metadata?.labels?.["node.kubernetes.io/instance-type"],
        takesPods: takesPods(node),
    };
}

function zoneOf({ metadata }: V1Node): string {
    return metadata?.labels?.[zoneLabel] ?? "";
}

/** Pods of DaemonSets and of the node itself end with it, and are started nowhere else. */
function isOfItsNode({ metadata, status }: V1Pod): boolean {
    const hasEnded = status?.phase === "Succeeded" || status?.phase === "Failed";
    const owners = metadata?.ownerReferences ?? [];
    return hasEnded || owners.some(({ kind }) => kind === "DaemonSet" || kind === "Node");
}

function spreads(
    zones: readonly Zone[],
    storages: readonly { readonly name: string; readonly zones: readonly string[] }[],
): Spread[] {
    const usable = zones.filter(({ nodes }) => nodes?.some((node) => node.takesPods)).map(({ name }) => name);
    const all = zones.flatMap(({ name, disks }) =>
        disks.filter(({ movedTo }) => movedTo === undefined).map(({ storage }) => ({ zone: name, storage })),
    );
    return grouped(all, ({ storage }) => storage ?? "")
        .sort(([a], [b]) => byName(a, b))
        .map(([name, disks]) => {
            // Where there are some, and where new ones go or could go.
            const told = storages.find((one) => one.name === name)?.zones ?? [];
            const own = told.length > 0 ? told : usable;
            const counts = [...new Set([...disks.map((one) => one.zone), ...own])]
                .sort(byName)
                .map((zone) => [zone, disks.filter((one) => one.zone === zone).length] as const);
            const numbers = counts.map(([, count]) => count);
            return {
                storage: name === "" ? undefined : name,
                disks: Object.fromEntries(counts),
                // Whoever made the others put them where their pods were.
                isUneven: name !== "" && Math.max(...numbers) - Math.min(...numbers) > 1,
            };
        });
}

/** Volumes that are kept come last. */
function byImportance(a: MapDisk, b: MapDisk): number {
    return (
        Number(a.movedTo !== undefined) - Number(b.movedTo !== undefined) ||
        byName(a.storage ?? "\uffff", b.storage ?? "\uffff") ||
        byName(a.name, b.name)
    );
}

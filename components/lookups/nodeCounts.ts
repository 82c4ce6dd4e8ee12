import type { InvokeOptions, RunError } from "@pulumi/pulumi";
import { describeFilters } from "../plan/nodeFilters";
import type { Filter } from "../plan/nodeFilters";
import { sortedUnique } from "../plan/zoneChoice";
import { messageOf, userError } from "../validation/problems";
import { queryInstances } from "./awsQueries";
import type { Region } from "./awsQueries";

const everyState = ["pending", "running", "shutting-down", "stopping", "stopped", "terminated"];

/** How many nodes run in each zone that was looked into. */
export interface NodeCounts {
    readonly byZone: Readonly<Record<string, number>>;
    /** Which instances count as nodes. */
    readonly nodesDescription: string;
    /** Why it isn't known. */
    readonly failure?: string;
}

/**
 * The running nodes in these zones, one call for each.
 *
 * @throws RunError if there is none, or a query fails.
 */
export async function countNodes(
    clusterName: string,
    region: Region,
    filters: readonly Filter[],
    zones: readonly string[],
    opts: InvokeOptions,
): Promise<NodeCounts> {
    const counts = await count(region, filters, zones, opts);
    if (Object.values(counts.byZone).every((nodes) => nodes === 0)) {
        const others = await queryInstances({ region, filters, states: everyState }, opts);
        throw noNodes(clusterName, counts.nodesDescription, region, others);
    }
    return counts;
}

/** The same as far as it can be found out: never throws. */
export async function tryToCountNodes(
    region: Region,
    filters: readonly Filter[],
    zones: readonly string[],
    opts: InvokeOptions,
): Promise<NodeCounts> {
    try {
        return await count(region, filters, zones, opts);
    } catch (error) {
        return {
            byZone: {},
            nodesDescription: describeFilters(filters),
            failure: messageOf(error),
        };
    }
}

async function count(
    region: Region,
    filters: readonly Filter[],
    zones: readonly string[],
    opts: InvokeOptions,
): Promise<NodeCounts> {
    const running = await Promise.all(
        zones.map(async (zone) => {
            const ids = await queryInstances({ region, filters, states: ["running"], zone }, opts);
            return [zone, ids.length] as const;
        }),
    );
    return { byZone: Object.fromEntries(running), nodesDescription: describeFilters(filters) };
}

function noNodes(clusterName: string, nodes: string, region: Region, others: readonly string[]): RunError {
    return others.length > 0
        ? userError(`no node of the cluster "${clusterName}" is running`, [
              `${others.length === 1 ? "1 instance" : `${others.length} instances`} ${nodes} in ${region.name}, none of ` +
                  `them running (${others.slice(0, 5).join(", ")}): start the nodes, or give zones`,
          ])
        : userError(`no node of the cluster "${clusterName}" was found`, [
              `there is no instance ${nodes} in ${region.name}: check the cluster's name, the AWS account and the ` +
                  "region, correct nodes if the cluster's nodes are others, or give zones",
          ]);
}

/**
 * Warning of disks in zones without a running node, where no pod that uses them can start. Zones that weren't queried
 * are left out.
 */
export function warningOfZones(
    { byZone, nodesDescription, failure }: NodeCounts,
    zoneByOrdinal: Readonly<Record<string, string>>,
): string | undefined {
    if (failure !== undefined) {
        return `whether nodes run in the zones of the disks isn't known: ${failure}`;
    }
    const zonesWithoutNodes = sortedUnique(Object.values(zoneByOrdinal)).filter((zone) => byZone[zone] === 0);
    const places = zonesWithoutNodes.map((zone) => {
        const ordinals = Object.keys(zoneByOrdinal).filter((ordinal) => zoneByOrdinal[ordinal] === zone);
        const more = ordinals.length > 10 ? ", ..." : "";
        return `${zone} (ordinal ${ordinals.slice(0, 10).join(", ")}${more})`;
    });
    return zonesWithoutNodes.length === 0
        ? undefined
        : `no node runs in ${places.join(", ")}, going by the running instances ${nodesDescription}: a pod that uses a disk ` +
              "there can't start. Start a node in each of these zones, or correct nodes if the cluster's nodes are others";
}

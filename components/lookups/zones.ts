import { output, unknown } from "@pulumi/pulumi";
import type { Input, InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { countNodes, tryToCountNodes } from "./nodeCounts";
import type { NodeCounts } from "./nodeCounts";
import { nodeFilters } from "../plan/nodeFilters";
import { byNodeCount, sortedUnique, zoneForOrdinal } from "../plan/zoneChoice";
import { Placement } from "../args/placement";
import type { Disk } from "../plan/disks";
import { userError } from "../validation/problems";
import { whenKnown, whenKnownOrFailed } from "../validation/secrets";
import type { WithFailure } from "../validation/secrets";
import { queryRegion } from "./awsQueries";
import type { Region } from "./awsQueries";

/** A zone that the args give an ordinal. */
export interface RequestedZone {
    readonly zone: string;
    /** The setting that does, such as overrides.1.zone. */
    readonly property: string;
    /** Whether it is the ordinal's override, which holds for a volume that exists, too. */
    readonly isOverride: boolean;
}

/** The zones, as far as they are known before a volume is created: unknown where they can't be found. */
export interface Zones {
    /** Why they can't be found: a zone that is asked for doesn't exist, no node runs, or a query fails. */
    readonly failure: Output<string | undefined>;
    /** For new volumes, sorted: those given, or those of the running nodes. */
    readonly names: Output<string[]>;
    /** Name of the region that they are in. */
    readonly region: Output<string>;
    /** Names of the region's zones by id. */
    readonly namesById: Output<Readonly<Record<string, string>>>;
    /** By ordinal, for those that have one. */
    readonly requested: Output<Readonly<Record<number, RequestedZone>>>;
    readonly nodeCounts: Output<NodeCounts>;
    /** Zone of an ordinal's new volume. */
    readonly of: (ordinal: number) => Output<string>;
    /**
     * Name of a zone that is given by name or id.
     *
     * @throws RunError, in the output, if there is none such; `property` says where it was requested for.
     */
    readonly named: (zone: Input<string>, property: string) => Output<string>;
}

/** The args that zones follow from, translated into names of zones that exist. */
interface ZoneRequest {
    readonly region: Region;
    readonly given?: readonly string[];
    readonly requested: Readonly<Record<number, RequestedZone>>;
    readonly placement: Placement;
}

/**
 * The availability zones for new volumes: those given, or else those of the cluster's running node instances.
 * That takes one call for the region's zones and one more for each of them, or for each that disks are planned
 * for, whatever the number of nodes.
 *
 * Where zones are given, nodes only serve to warn, and nothing fails for them.
 */
export function findZones(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Zones {
    const request = requestZones(args, disks, opts);
    const ordinals = disks.filter(({ volumeId }) => volumeId === undefined).map(({ ordinal }) => ordinal);
    // Apart from the request: settings that select the nodes may come later than the zones that are given.
    const { clusterName, nodes } = args;
    const counted = whenKnownOrFailed(
        { clusterName, nodes, request },
        {},
        async (known, hide): Promise<{ counts?: NodeCounts }> => {
            if (!known.request.found) {
                return {};
            }
            const filters = nodeFilters(known.clusterName, known.nodes);
            const { region, given } = known.request.found;
            const counts = isFixed(known.request.found)
                ? await tryToCountNodes(region, filters, plannedZones(known.request.found, ordinals), opts)
                : await countNodes(known.clusterName, region, filters, given ?? region.zones, opts);
            const { nodesDescription, failure } = counts;
            const hidden = { nodesDescription: hide(nodesDescription), failure: failure && hide(failure) };
            return { counts: { ...counts, ...hidden } };
        },
    );
    const requested = request.apply(({ found }) => foundOrUnknown(found));
    const nodeCounts = counted.apply(({ counts }) => foundOrUnknown(counts));
    const turn = requested.apply((known) =>
        isFixed(known)
            ? output(sortedUnique(known.given))
            : nodeCounts.apply(({ byZone }) =>
                  known.placement === Placement.ByNodeCount
                      ? byNodeCount(byZone)
                      : sortedUnique(Object.keys(byZone).filter((zone) => byZone[zone])),
              ),
    );
    return {
        failure: request.apply(({ found, failure }) =>
            found === undefined || isFixed(found)
                ? output(failure)
                : counted.apply(({ failure: uncounted }) => uncounted),
        ),
        names: requested.apply(({ given }) =>
            given ? output(sortedUnique(given)) : turn.apply(sortedUnique),
        ),
        region: requested.apply(({ region }) => region.name),
        namesById: requested.apply(({ region }) => region.zonesById),
        requested: requested.apply((known) => known.requested),
        nodeCounts,
        named: (wanted, property) =>
            whenKnown({ requested, zone: wanted }, ({ requested: { region }, zone }) => {
                refuseUnknown(region, [{ zone, property }]);
                return nameOf(region, zone);
            }),
        of: (ordinal) =>
            requested.apply((known) => {
                const zone = known.requested[ordinal]?.zone;
                return zone === undefined
                    ? turn.apply((zones) => zoneForOrdinal(zones, ordinal))
                    : output(zone);
            }),
    };
}

/** For whoever needn't fail: somebody else does. */
function foundOrUnknown<T>(value: T | undefined): T {
    return value ?? (unknown as T);
}

/** Whether the zones of all disks follow from the args alone. */
function isFixed(request: ZoneRequest): request is ZoneRequest & Required<Pick<ZoneRequest, "given">> {
    return request.given !== undefined && request.placement === Placement.RoundRobin;
}

function plannedZones(
    { given, requested }: ZoneRequest & Required<Pick<ZoneRequest, "given">>,
    ordinals: readonly number[],
): string[] {
    const turn = sortedUnique(given);
    return sortedUnique(ordinals.map((ordinal) => requested[ordinal]?.zone ?? zoneForOrdinal(turn, ordinal)));
}

function requestZones(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Output<WithFailure<{ readonly found?: ZoneRequest }>> {
    const overrides = disks.map(({ ordinal, zone, volumeId }) => ({
        ordinal,
        zone,
        isPlaced: !!(zone ?? volumeId),
    }));
    const values = {
        region: args.region,
        includeLocalZones: args.nodes?.includeLocalZones,
        zones: args.zones,
        zoneByOrdinal: args.zoneByOrdinal,
        placement: args.placement,
        overrides,
    };
    return whenKnownOrFailed(values, {}, async (known): Promise<{ found?: ZoneRequest }> => {
        const { zones, zoneByOrdinal, placement = Placement.RoundRobin } = known;
        const given = zoneByOrdinal ? Object.values(zoneByOrdinal) : zones;
        // Local Zones and Wavelength Zones count only for those who name them or ask for them.
        const allTypes = given !== undefined || known.includeLocalZones === true;
        const region = await queryRegion(known.region, allTypes, opts);
        const byOrdinal = Object.entries(zoneByOrdinal ?? {}).map(([key, zone]) => ({
            ordinal: Number(key),
            zone,
            property: `zoneByOrdinal.${key}`,
            isOverride: false,
        }));
        const overriding = known.overrides.flatMap(({ ordinal, zone }) =>
            zone === undefined
                ? []
                : [{ ordinal, zone, property: `overrides.${ordinal}.zone`, isOverride: true }],
        );
        const listed = (zones ?? []).map((zone) => ({ zone, property: "zones" }));
        refuseUnknown(region, [...listed, ...byOrdinal, ...overriding]);
        const unplaced = known.overrides.filter(
            ({ ordinal, isPlaced }) => zoneByOrdinal && !isPlaced && !(ordinal in zoneByOrdinal),
        );
        if (unplaced.length > 0) {
            throw userError(
                "there are ordinals without a zone",
                unplaced.map(
                    ({ ordinal }) => `zoneByOrdinal must have ordinal ${ordinal}: add it, or lower count`,
                ),
            );
        }
        const requested: Record<number, RequestedZone> = {};
        for (const { ordinal, zone, ...where } of [...byOrdinal, ...overriding]) {
            requested[ordinal] = { zone: nameOf(region, zone), ...where };
        }
        const names = given?.map((zone) => nameOf(region, zone));
        return { found: { region, given: names, requested, placement } };
    });
}

function nameOf({ zonesById }: Region, zone: string): string {
    return zonesById[zone] ?? zone;
}

function refuseUnknown(
    region: Region,
    wanted: readonly { readonly property: string; readonly zone: string }[],
): void {
    const { name, zones } = region;
    const unknown = wanted.filter(({ zone }) => !zones.includes(nameOf(region, zone)));
    if (unknown.length > 0) {
        throw userError(
            "there are no such availability zones",
            unknown.map(
                ({ property, zone }) =>
                    `${property}: no availability zone "${zone}" in ${name}, available are ${zones.join(", ")}`,
            ),
        );
    }
}

import { all, output, unknown } from "@pulumi/pulumi";
import type { Input, InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { ifKnown } from "../engine/withoutDependencies";
import { countNodes, tryToCountNodes } from "./nodeCounts";
import type { NodeCounts } from "./nodeCounts";
import { nodeFilters } from "../plan/nodeFilters";
import { byNodeCount, sortedUnique, zoneForOrdinal } from "../plan/zoneChoice";
import { Placement } from "../args/placement";
import { generationsOf } from "../plan/disks";
import type { Disk } from "../plan/disks";
import { atLeastOneZone } from "../schema/awsValues";
import { formatProblem, problemsText } from "../validation/problems";
import { failureIn, whenKnown, whenKnownOrFailed } from "../validation/secrets";
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
    /** Why they can't be found: zones that are asked for don't exist, no node runs, or a query fails. */
    readonly failures: readonly Output<string | undefined>[];
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
    /** Name of a zone that is given by name or id. */
    readonly named: (zone: Input<string>) => Output<string>;
}

/** The args that zones follow from, translated into names of zones that exist. */
interface ZoneRequest {
    readonly given?: readonly string[];
    readonly requested: Readonly<Record<number, RequestedZone>>;
    readonly placement: Placement;
}

/** The request, or why there is none; without the region, too, where the zones can't be queried. */
type AnsweredRequest = WithFailure<{ readonly region?: Region; readonly found?: ZoneRequest }>;

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
            const { region, found } = known.request;
            if (!region || !found) {
                return {};
            }
            const filters = nodeFilters(known.clusterName, known.nodes);
            const counts = isFixed(found)
                ? await tryToCountNodes(region, filters, plannedZones(found, ordinals), opts)
                : await countNodes(known.clusterName, region, filters, found.given ?? region.zones, opts);
            const { nodesDescription, failure } = counts;
            const hidden = { nodesDescription: hide(nodesDescription), failure: failure && hide(failure) };
            return { counts: { ...counts, ...hidden } };
        },
    );
    const region = request.apply((known) => orUnknown(known.region));
    const found = request.apply((known) => orUnknown(known.found));
    const nodeCounts = counted.apply(({ counts }) => orUnknown(counts));
    const turn = found.apply((known) =>
        isFixed(known)
            ? output(sortedUnique(known.given))
            : nodeCounts.apply(({ byZone }) =>
                  known.placement === Placement.ByNodeCount
                      ? byNodeCount(byZone)
                      : sortedUnique(Object.keys(byZone).filter((zone) => byZone[zone])),
              ),
    );
    return {
        failures: [
            failureIn(request),
            found.apply((known) => (isFixed(known) ? output(undefined) : failureIn(counted))),
            failureOfMoves(region, disks),
        ],
        names: found.apply(({ given }) => (given ? output(sortedUnique(given)) : turn.apply(sortedUnique))),
        region: region.apply(({ name }) => name),
        namesById: region.apply(({ zonesById }) => zonesById),
        requested: found.apply(({ requested }) => requested),
        nodeCounts,
        named: (wanted) =>
            all([region, wanted]).apply(([known, zone]) => {
                const name = nameOf(known, zone);
                return orUnknown(known.zones.includes(name) ? name : undefined);
            }),
        of: (ordinal) =>
            found.apply((known) => {
                const zone = known.requested[ordinal]?.zone;
                return zone === undefined
                    ? turn.apply((zones) => zoneForOrdinal(zones, ordinal))
                    : output(zone);
            }),
    };
}

/** Unknown in place of an error, which one of the failures tells. */
function orUnknown<T>(value: T | undefined): T {
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
): Output<AnsweredRequest> {
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
    return whenKnownOrFailed(values, {}, async (known, hide): Promise<AnsweredRequest> => {
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
        const unplaced = known.overrides.filter(
            ({ ordinal, isPlaced }) => zoneByOrdinal && !isPlaced && !(ordinal in zoneByOrdinal),
        );
        const wanted = [...listed, ...byOrdinal, ...overriding];
        const failures = [
            absentZones(region, wanted),
            problemsText(
                "there are ordinals without a zone",
                unplaced.map(
                    ({ ordinal }) => `zoneByOrdinal must have ordinal ${ordinal}: add it, or lower count`,
                ),
            ),
            zones?.length === 0
                ? formatProblem({ path: ["zones"], rule: atLeastOneZone, got: zones })
                : undefined,
        ].filter((text) => text !== undefined);
        if (failures.length > 0) {
            return { region, failure: hide(failures.join("\n")) };
        }
        const requested: Record<number, RequestedZone> = {};
        for (const { ordinal, zone, ...where } of [...byOrdinal, ...overriding]) {
            requested[ordinal] = { zone: nameOf(region, zone), ...where };
        }
        const names = given?.map((zone) => nameOf(region, zone));
        return { region, found: { given: names, requested, placement } };
    });
}

/** Zones that disks are moved to, apart from the request, and as far as they are known. */
function failureOfMoves(region: Output<Region>, disks: readonly Disk[]): Output<string | undefined> {
    const moves = disks.flatMap(generationsOf).flatMap(({ move }) => {
        const { zone, property = "" } = move ?? {};
        return zone === undefined ? [] : [{ zone: ifKnown(output(zone)), property: `${property}.zone` }];
    });
    if (moves.length === 0) {
        return output(undefined);
    }
    return whenKnown({ region, moves }, (known, hide) => {
        const wanted = known.moves.flatMap(({ zone, property }) => (zone ? [{ zone, property }] : []));
        const text = absentZones(known.region, wanted);
        return text && hide(text);
    });
}

function nameOf({ zonesById }: Region, zone: string): string {
    return zonesById[zone] ?? zone;
}

function absentZones(
    region: Region,
    wanted: readonly { readonly property: string; readonly zone: string }[],
): string | undefined {
    const { name, zones } = region;
    const absent = wanted.filter(({ zone }) => !zones.includes(nameOf(region, zone)));
    const lines = absent.map(
        ({ property, zone }) =>
            `${property}: no availability zone "${zone}" in ${name}, available are ${zones.join(", ")}`,
    );
    return problemsText("there are no such availability zones", lines);
}

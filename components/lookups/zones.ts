import { output } from "@pulumi/pulumi";
import type { Input, InvokeOptions, Output } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { countNodes, tryToCountNodes } from "./nodeCounts";
import type { NodeCounts } from "./nodeCounts";
import { nodeFilters } from "../plan/nodeFilters";
import { byNodeCount, roundRobin, zoneForOrdinal } from "../plan/zoneTurns";
import { Placement } from "../args/placement";
import type { Disk } from "../plan/disks";
import { userError } from "../validation/problems";
import { whenKnown } from "../validation/secrets";
import { queryRegion } from "./queries";
import type { Region } from "./queries";

/** A zone that the args give an ordinal. */
export interface AskedZone {
    readonly zone: string;
    /** Which of the args does, such as overrides.1.zone. */
    readonly property: string;
}

/** What is known of zones before a volume is created. */
export interface Zones {
    /** For new volumes, sorted: those given, or those of the running nodes. */
    readonly names: Output<string[]>;
    /** Name of the region that they are in. */
    readonly region: Output<string>;
    /** By ordinal, for those that have one. */
    readonly asked: Output<Readonly<Record<number, AskedZone>>>;
    readonly nodeCounts: Output<NodeCounts>;
    /** Zone of an ordinal's new volume. */
    readonly of: (ordinal: number) => Output<string>;
    /**
     * Name of a zone that is given by name or id.
     *
     * @throws RunError, in the output, if there is none such; `property` says where it was asked for.
     */
    readonly named: (zone: Input<string>, property: string) => Output<string>;
}

/** The args that zones follow from, translated into names of zones that exist. */
interface Wishes {
    readonly region: Region;
    readonly given?: readonly string[];
    readonly asked: Readonly<Record<number, AskedZone>>;
    readonly placement: Placement;
}

/**
 * The availability zones for new volumes: those given, or else those of the cluster's running node instances.
 * That takes one call for the region's zones and one more for each of them, or for each that disks are planned
 * for, whatever the number of nodes.
 *
 * @throws RunError, in the outputs, if a zone that is asked for doesn't exist, no node runs or AWS doesn't
 * answer. Where zones are given, nodes only serve to warn, and nothing fails for them.
 */
export function findZones(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Zones {
    const wishes = findWishes(args, disks, opts);
    const ordinals = disks.filter(({ volumeId }) => volumeId === undefined).map(({ ordinal }) => ordinal);
    // Apart from the wishes: what selects the nodes may come later than the zones that are given.
    const { clusterName, nodes } = args;
    const nodeCounts = whenKnown({ clusterName, nodes, wishes }, async (known, hide): Promise<NodeCounts> => {
        const filters = nodeFilters(known.clusterName, known.nodes);
        const { region, given } = known.wishes;
        const counts = isFixed(known.wishes)
            ? await tryToCountNodes(region, filters, plannedZones(known.wishes, ordinals), opts)
            : await countNodes(known.clusterName, region, filters, given ?? region.zones, opts);
        const { nodesInWords, failure } = counts;
        return { ...counts, nodesInWords: hide(nodesInWords), failure: failure && hide(failure) };
    });
    const turn = wishes.apply((known) =>
        isFixed(known)
            ? output(roundRobin(known.given))
            : nodeCounts.apply(({ byZone }) =>
                  known.placement === Placement.ByNodeCount
                      ? byNodeCount(byZone)
                      : roundRobin(Object.keys(byZone).filter((zone) => byZone[zone])),
              ),
    );
    return {
        names: wishes.apply(({ given }) => (given ? output(roundRobin(given)) : turn.apply(roundRobin))),
        region: wishes.apply(({ region }) => region.name),
        asked: wishes.apply(({ asked }) => asked),
        nodeCounts,
        named: (wanted, property) =>
            whenKnown({ wishes, zone: wanted }, ({ wishes: { region }, zone }) => {
                refuseUnknown(region, [{ zone, property }]);
                return nameOf(region, zone);
            }),
        of: (ordinal) =>
            wishes.apply(({ asked }) => {
                const zone = asked[ordinal]?.zone;
                return zone === undefined
                    ? turn.apply((zones) => zoneForOrdinal(zones, ordinal))
                    : output(zone);
            }),
    };
}

/** Whether the zones of all disks follow from the args alone. */
function isFixed(wishes: Wishes): wishes is Wishes & Required<Pick<Wishes, "given">> {
    return wishes.given !== undefined && wishes.placement === Placement.RoundRobin;
}

function plannedZones(
    { given, asked }: Wishes & Required<Pick<Wishes, "given">>,
    ordinals: readonly number[],
): string[] {
    const turn = roundRobin(given);
    return roundRobin(ordinals.map((ordinal) => asked[ordinal]?.zone ?? zoneForOrdinal(turn, ordinal)));
}

function findWishes(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    opts: InvokeOptions,
): Output<Wishes> {
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
    return whenKnown(values, async (known): Promise<Wishes> => {
        const { zones, zoneByOrdinal, placement = Placement.RoundRobin } = known;
        const given = zoneByOrdinal ? Object.values(zoneByOrdinal) : zones;
        // Local Zones and Wavelength Zones count only for those who name them or ask for them.
        const allTypes = given !== undefined || known.includeLocalZones === true;
        const region = await queryRegion(known.region, allTypes, opts);
        const byOrdinal = Object.entries(zoneByOrdinal ?? {}).map(([key, zone]) => ({
            ordinal: Number(key),
            zone,
            property: `zoneByOrdinal.${key}`,
        }));
        const overriding = known.overrides.flatMap(({ ordinal, zone }) =>
            zone === undefined ? [] : [{ ordinal, zone, property: `overrides.${ordinal}.zone` }],
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
        const asked = [...byOrdinal, ...overriding].map(({ ordinal, zone, property }) => [
            ordinal,
            { zone: nameOf(region, zone), property },
        ]);
        return {
            region,
            given: given?.map((zone) => nameOf(region, zone)),
            asked: Object.fromEntries(asked) as Record<number, AskedZone>,
            placement,
        };
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
                ({ property, zone }) => `${property} must be in ${zones.join(", ")} (${name}), got "${zone}"`,
            ),
        );
    }
}

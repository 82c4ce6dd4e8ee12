import { environmentClients } from "../inspect/clients";
import type { Access } from "../inspect/clients";
import { exceptionsOf } from "../inspect/sources";
import type { Target } from "../inspect/target";
import type { Answer } from "../terminal/answer";
import { progress } from "../terminal/colours";
import { counted } from "../terminal/counted";
import { buildMap } from "./build";
import { readMapData } from "./mapData";
import { unlooked } from "./format";
import type { ZoneMap } from "./model";
import { problemCount } from "./notices";
import { writeMap } from "./write";
import { snapshotLines, zoneSnapshots } from "./zoneSnapshots";
import type { ZoneSnapshots } from "./zoneSnapshots";
import { zoneTable } from "./zoneTable";

/** Options of `map`. */
export interface MapOptions extends Target {
    /** Files to write: by default a page and a picture, or none if the map or a zone is printed. */
    readonly output?: readonly string[];
    /** Whether the map is printed as JSON. */
    readonly json?: boolean;
    /** Zone whose disks to list with their newest snapshots. */
    readonly zone?: string;
}

/** The disks of a stack and a cluster by zone, as a page and a picture, or the snapshots of a zone's disks. */
export async function draw(options: MapOptions & Access): Promise<Answer> {
    progress("reading the cluster, the stack's state and EC2 ...");
    const map = buildMap(await readMapData(environmentClients(options), options));
    const inZone = options.zone === undefined ? undefined : zoneSnapshots(map, options.zone);
    const outputs = options.output ?? (options.json || inZone ? [] : ["zone-map.html", "zone-map.svg"]);
    await writeMap(map, outputs);
    return inZone ? zoneAnswer(map, inZone) : mapAnswer(map, outputs);
}

function mapAnswer(map: ZoneMap, outputs: readonly string[]): Answer {
    return {
        status: 0,
        json: map,
        unseen: map.unseen,
        lines: [
            ...(map.zones.length > 0 ? [...zoneTable(map).split("\n"), ""] : []),
            ...map.notices.map(({ what }) => ({ heading: what })),
            `${counted(problemCount(map), "problem")}${exceptionsOf(unlooked(map))}`,
        ],
        verdict: `the map is in ${outputs.join(" and ")}`,
    };
}

function zoneAnswer({ unseen }: ZoneMap, inZone: ZoneSnapshots): Answer {
    const { withoutSnapshot, zoneUnknown } = inZone;
    return {
        // A script must stop before it deletes data without a snapshot.
        status: withoutSnapshot === undefined ? 2 : withoutSnapshot.length + zoneUnknown.length === 0 ? 0 : 1,
        json: { ...inZone, unseen },
        unseen,
        ...snapshotLines(inZone),
    };
}

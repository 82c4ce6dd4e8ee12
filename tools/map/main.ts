import { environmentClients } from "../inspect/clients";
import { printError } from "../terminal/commandLine";
import { bold, progress } from "../terminal/colours";
import { buildMap } from "./build";
import { readMapData } from "./mapData";
import { printable } from "../../components/validation/problems";
import { readOptions } from "./options";
import { zoneTable } from "./zoneTable";
import { writeMap } from "./write";
import { snapshotLines, zoneSnapshots } from "./zoneSnapshots";
import type { ZoneSnapshots } from "./zoneSnapshots";

/**
 * `npm run map`: the disks of a stack and a cluster by zone, as a page and a picture, or the snapshots of a zone's
 * disks. It changes nothing.
 */
async function main(): Promise<number> {
    const { outputs, json, zone, ...where } = readOptions(process.argv.slice(2));
    progress("reading the cluster, the stack's state and EC2 ...");
    const map = buildMap(await readMapData(environmentClients(), where));
    const inZone = zone === undefined ? undefined : zoneSnapshots(map, zone);
    await writeMap(map, outputs);
    if (json) {
        console.log(JSON.stringify(inZone ? { ...inZone, unseen: map.unseen } : map, undefined, 2));
        return statusOf(inZone);
    }
    map.unseen.forEach((line) => console.error(printable(line)));
    if (inZone) {
        snapshotLines(inZone).forEach((line) => console.log(line));
        return statusOf(inZone);
    }
    if (map.zones.length > 0) {
        console.log(`${zoneTable(map)}\n`);
    }
    map.notices.forEach(({ what }) => console.log(bold(printable(what))));
    console.log(`the map is in ${outputs.join(" and ")}`);
    return 0;
}

/** Not 0 unless every disk of the zone has a snapshot: a script must stop before it deletes data without one. */
function statusOf(inZone: ZoneSnapshots | undefined): number {
    if (!inZone) {
        return 0;
    }
    const { withoutSnapshot, zoneUnknown } = inZone;
    return withoutSnapshot === undefined ? 2 : withoutSnapshot.length + zoneUnknown.length === 0 ? 0 : 1;
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        printError(error);
        process.exit(2);
    },
);

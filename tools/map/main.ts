import { environmentClients } from "../inspect/clients";
import { printError } from "../terminal/commandLine";
import { bold, progress } from "../terminal/colours";
import { mapOf } from "./build";
import { readSight } from "./mapData";
import { visible } from "./markup";
import { readOptions } from "./options";
import { zoneTable } from "./zoneTable";
import { writeMap } from "./write";
import { snapshotLines, zoneSnapshots } from "./zoneSnapshots";
import type { ZoneSnapshots } from "./zoneSnapshots";

/**
 * `npm run map`: where a stack's and a cluster's disks are, as a page and a picture, or which disks of a zone have a
 * snapshot. It changes nothing.
 */
async function main(): Promise<number> {
    const { outputs, json, zone, ...where } = readOptions(process.argv.slice(2));
    progress("looking at the cluster, the stack's state and EC2 ...");
    const map = mapOf(await readSight(environmentClients(), where));
    const inZone = zone === undefined ? undefined : zoneSnapshots(map, zone);
    await writeMap(map, outputs);
    if (json) {
        console.log(JSON.stringify(inZone ? { ...inZone, unseen: map.unseen } : map, undefined, 2));
        return statusOf(inZone);
    }
    map.unseen.forEach((line) => console.error(visible(line)));
    if (inZone) {
        snapshotLines(inZone).forEach((line) => console.log(line));
        return statusOf(inZone);
    }
    if (map.zones.length > 0) {
        console.log(`${zoneTable(map)}\n`);
    }
    map.notices.forEach(({ what }) => console.log(bold(visible(what))));
    console.log(`the map is in ${outputs.join(" and ")}`);
    return 0;
}

/** So that a script stops before it deletes what can't be had back. */
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

import { printError } from "../doctor/options";
import { bold, progress } from "../doctor/terminal";
import { mapOf } from "./build";
import { lookAround } from "./look";
import { visible } from "./markup";
import { readOptions } from "./options";
import { zoneTable } from "./table";
import { writeMap } from "./write";

/** `npm run map`: where a stack's and a cluster's disks are, as a page and a picture. It changes nothing. */
async function main(): Promise<void> {
    const { outputs, json, ...where } = readOptions(process.argv.slice(2));
    progress("looking at the cluster, the stack's state and EC2 ...");
    const map = mapOf(await lookAround(where));
    await writeMap(map, outputs);
    if (json) {
        console.log(JSON.stringify(map, undefined, 2));
        return;
    }
    map.unseen.forEach((line) => console.error(visible(line)));
    if (map.zones.length > 0) {
        console.log(`${zoneTable(map)}\n`);
    }
    map.notices.forEach(({ what }) => console.log(bold(visible(what))));
    console.log(`the map is in ${outputs.join(" and ")}`);
}

main().then(
    () => process.exit(0),
    (error: unknown) => {
        printError(error);
        process.exit(2);
    },
);

import { printable } from "../../components/validation/problems";
import { findings } from "./findings";
import { notes } from "./keptVolumes";
import { environmentClients } from "../inspect/clients";
import { readInventory } from "../inspect/inventory";
import type { Target } from "../inspect/target";
import { parseOptions, printError, refuseBoth } from "../terminal/commandLine";
import { bold, progress, verdict } from "../terminal/colours";

const usage = "npm run doctor -- [--cluster <name>] [--stack <name> | --state <file>] [--json]";

/** `npm run doctor`: what is in the way of the cluster's disks, and how to mend it. It changes nothing. */
async function main(): Promise<number> {
    const { json, ...options } = readOptions();
    const unseen: string[] = [];
    progress("looking at the cluster, the stack's state and EC2 ...");
    const seen = await readInventory(environmentClients(), options, (line) =>
        json ? unseen.push(line) : console.error(printable(line)),
    );
    const [found, others] = [findings(seen), notes(seen)];
    const status = found.length === 0 ? 0 : 1;
    if (json) {
        console.log(JSON.stringify({ findings: found, notes: others, unseen }, undefined, 2));
        return status;
    }
    [...found, ...others].forEach(({ what, mend }) =>
        // Names and tags are others' text: a line of theirs must not pass for one of ours.
        console.log([bold(printable(what)), ...mend.map((line) => `    ${printable(line)}`)].join("\n")),
    );
    console.log(verdict(status === 0, status === 0 ? "nothing to mend" : `${found.length} to mend`));
    return status;
}

function readOptions(): Target & { readonly json?: boolean } {
    const option = { type: "string" } as const;
    const options = { cluster: option, stack: option, state: option, json: { type: "boolean" } } as const;
    const values = parseOptions(process.argv.slice(2), options, usage);
    refuseBoth(values, usage);
    return values;
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        printError(error);
        process.exit(2);
    },
);

import { parseArgs } from "node:util";
import { printable } from "../components/problems";
import { findings } from "./findings";
import { notes } from "./kept";
import { look } from "./look";
import type { Options } from "./look";

const usage = "npm run doctor -- [--cluster <name>] [--stack <name> | --state <file>]";

/** `npm run doctor`: what is in the way of the cluster's disks, and how to mend it. It changes nothing. */
async function main(): Promise<number> {
    const seen = await look(readOptions(), (line) => console.error(printable(line)));
    const found = findings(seen);
    [...found, ...notes(seen)].forEach(({ what, mend }) =>
        // Names and tags are others' text: a line of theirs must not pass for one of ours.
        console.log([what, ...mend.map((line) => `    ${line}`)].map(printable).join("\n")),
    );
    console.log(found.length === 0 ? "nothing to mend" : `${found.length} to mend`);
    return found.length === 0 ? 0 : 1;
}

function readOptions(): Options {
    const option = { type: "string" } as const;
    try {
        const { values } = parseArgs({ options: { cluster: option, stack: option, state: option } });
        if (values.stack !== undefined && values.state !== undefined) {
            throw new Error(`--state must be left out beside --stack, got "${values.state}"`);
        }
        return values;
    } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`);
    }
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(2);
    },
);

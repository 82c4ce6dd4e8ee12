import { markdownTable } from "../../program/markdownTable";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { floorTable, resultTable } from "../../benchmarks/result";
import type { CaseResult, Result } from "../../benchmarks/result";

/** The page of the last full run of the benchmark. */
export function benchmarksPage(): string {
    const file = join(__dirname, "..", "..", "benchmarks", "results", "result.json");
    const result = JSON.parse(readFileSync(file, "utf8")) as Result;
    const small = result.cases[0] as CaseResult;
    const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${bare(version)}`);
    return `# Benchmarks

<!-- Made by \`npm run docs\` from benchmarks/results/result.json. -->

This page compares the program with a script that does the same: it gets zones from \`aws ec2 describe-instances\` and jq, runs \`aws ec2 create-volume\` for each disk, puts the ids into a manifest with sed, and runs \`kubectl create\`. [benchmarks/script.sh](../benchmarks/script.sh) is that script. \`npm run bench\` runs the script and the program in turn in one sandbox, and writes \`result.json\`. These are the figures of the last run.

The table has the seconds from the start of the first process to the end of the last one, and in brackets the ratio to the script. They are medians; the table has the number of runs. With more than 20 volumes, the script is timed once. An empty cell wasn't measured.

${resultTable(result)}

- ${result.date}; ${result.machine}; ${versions.join(", ")}.
- \`pulumi up\` is timed with \`--skip-preview\`, because the script has no preview either. The state is in local files, without the metadata that Pulumi keeps beside them (\`?metadata=skip\`). The Kubernetes provider is the real one. The AWS provider is the sandbox's stand-in, which already runs when the CLI starts; the real one needs time to start, which isn't in the figures.
- "stand-in up" is the program without the engine: Pulumi's language runner, with a stand-in for the engine.
- The sandbox's EC2 answers in milliseconds. If a call takes longer, the script waits for one volume after the other, but the program waits for all of them at once.

## Beside a bare program

What does the component cost, beside a program that only makes the same resources? [benchmarks/floor](../benchmarks/floor/index.ts) is such a program, as short as it can be: without a check of the settings, without memory of a disk's zone, without a look at EC2 for volumes that were made before. It runs in the same rounds. In brackets is the ratio of the component to it. The component asks the engine for the stack's own state and holds each volume to its settings, and its resources have more in the state, which the engine writes after each step.

${floorTable(result)}

## Where the program's time goes

The time from the start of the language runner to its first call to AWS is ${seconds(small, "program start")} s, with at most ${small.medians["program memory"] ?? "?"} MB of memory with ${small.volumes} volumes. Nearly all of it is Pulumi's SDK, which loads about 770 files before the program's first line. To make the rest small, the program has:

- No type checking at run time, and sucrase instead of the TypeScript compiler to remove types. What it makes of a source is kept in \`node_modules/.cache\`, which saves half a second from the second command on.
- Imports of single services from \`@pulumi/aws\` and \`@pulumi/kubernetes\`: the packages' main entries load every service.
- No source maps: sucrase keeps every line in its place, and Pulumi makes a stack trace for every promise.

## How it grows

- **With nodes**: not at all. There is one call for the zones and one for each zone, for any number of nodes.
- **With volumes**: each volume has two resources, and the SDK, the engine and the providers each need a few milliseconds for a resource. If nothing has changed, that is all. In a profile of 100 volumes without changes, the program's process takes 4.1 s: 1.3 s to load files, 0.8 s to wait, and nearly all the rest for the SDK, which makes a promise for each property and a message for each resource. The component's own code takes at most 0.1 s.
- **Above some hundred volumes in one stack with self-managed state**, the first \`pulumi up\` grows faster than the number of volumes: the engine writes the whole state after every step, so that nothing is lost if it is interrupted. With 100 volumes, this takes two thirds of the engine's own time. Several stacks of some hundred volumes each are faster than one stack with all volumes: [large stacks](large-stacks.md).

## Calls

All calls of ${callsOf(result)} with ${small.volumes} volumes and ${small.nodes} nodes:

${callsTable(result)}

There are two calls of \`DescribeVolumes\` for each volume: one waits until it exists, one reads it. A preview or an update that makes disks has one more, for up to 100 of them: it looks for volumes that were made for them before.
`;
}

function callsTable({ calls }: Result): string {
    const rows = Object.entries(calls).flatMap(([api, counts]) =>
        Object.entries(counts).map(([call, count]) => [api, call, String(count)]),
    );
    return markdownTable(["API", "call", "times"], rows, ["---", "---", "---:"]);
}

function callsOf({ versions }: Result): string {
    return "pulumi" in versions ? "a preview, an update and an update without changes" : "an update";
}

function seconds({ medians }: CaseResult, figure: string): string {
    return (medians[figure] ?? NaN).toFixed(1);
}

/** The number in a program's version. */
function bare(version: string): string {
    return /\d+\.\d+[\w.]*/.exec(version)?.[0] ?? version;
}

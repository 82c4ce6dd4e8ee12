import { markdownTable } from "../../program/markdownTable";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resultTable } from "../../benchmarks/result";
import type { CaseResult, Result } from "../../benchmarks/result";

/** The page of the last full run of the benchmark. */
export function benchmarksPage(): string {
    const file = join(__dirname, "..", "..", "benchmarks", "results", "result.json");
    const result = JSON.parse(readFileSync(file, "utf8")) as Result;
    const small = result.cases[0] as CaseResult;
    const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${bare(version)}`);
    return `# Benchmarks

<!-- Made by \`npm run docs\` from benchmarks/results/result.json. -->

What one would do instead is a script: zones from \`aws ec2 describe-instances\` and jq, one \`aws ec2 create-volume\` for each disk, ids put into a manifest with sed, \`kubectl create\`. [benchmarks/script.sh](../benchmarks/script.sh) is that script. \`npm run bench\` runs it and the program against one sandbox, in turn, and writes \`result.json\` and \`chart.svg\`. These are the figures of the last time; the row of 500 volumes is from a run before it.

Seconds for the whole job, from the start of the first process to the end of the last, and in brackets the ratio to the script's. Medians of as many runs as the table says; the script with more than 20 volumes, a loop, is timed once. What a run has left out is empty.

${resultTable(result)}

![Seconds for the whole job, by number of volumes](../benchmarks/results/chart.svg)

- ${result.date}; ${result.machine}; ${versions.join(", ")}.
- \`pulumi up\` is timed with \`--skip-preview\`, since the script shows nothing before it acts either. State is in local files, without the metadata that Pulumi keeps beside each (\`?metadata=skip\`). The Kubernetes provider is the real one; the AWS provider is the sandbox's stand-in, which runs already when the CLI starts, so what the real one takes to start is not in the figures.
- "stand-in up" is the program without the engine: Pulumi's language runner and a stand-in for what it talks to.
- The sandbox's EC2 answers in milliseconds. Where a call takes longer, the script waits for one volume after the other, the program for all of them at once.

## Where the program's time goes

From the spawn of the language runner to its first question to AWS, ${seconds(small, "program start")} s and at most ${small.medians["program memory"] ?? "?"} MB of memory with ${small.volumes} volumes. Nearly all of it is Pulumi's SDK, which loads some 770 files before the program's first line. What could be taken out of the rest has been:

- No type checking at run time, and sucrase instead of the TypeScript compiler for taking types away.
- From \`@pulumi/aws\` and \`@pulumi/kubernetes\` only the services that are used: the packages' own entries load every service there is.
- No source maps: sucrase leaves every line where it is, and Pulumi takes a stack trace for every promise.

## How it grows

- **With nodes**: not at all. One call for the zones and one for each zone, whatever the number of nodes.
- **With volumes**: two resources for each volume, which the SDK, the engine and the providers each take a few milliseconds for. With nothing changed that is all there is. A profile of 100 volumes with nothing changed: of 4.1 s in the program's process, 1.3 load files, 0.8 wait, and nearly all the rest is the SDK's, which makes a promise for each property of each resource and a message for each resource; the component's own code is no more than 0.1.
- **Above some hundred volumes in one stack with self-managed state**, the first \`pulumi up\` grows faster than the number of volumes: the engine writes the whole state down after every step, so that nothing is lost when it is interrupted. Two thirds of its own time go there at 100 volumes. Several stacks of some hundred volumes each are quicker than one of all.

## Calls

All calls of ${callsOf(result)} with ${small.volumes} volumes and ${small.nodes} nodes:

${callsTable(result)}

Two calls of \`DescribeVolumes\` for each volume come from waiting until it is there and reading what it became.
`;
}

function callsTable({ calls }: Result): string {
    const rows = Object.entries(calls).flatMap(([api, counts]) =>
        Object.entries(counts).map(([call, count]) => [api, call, String(count)]),
    );
    return markdownTable(["API", "call", "times"], rows, ["---", "---", "---:"]);
}

function callsOf({ versions }: Result): string {
    return "pulumi" in versions ? "a preview, an update and one that changes nothing" : "an update";
}

function seconds({ medians }: CaseResult, figure: string): string {
    return (medians[figure] ?? NaN).toFixed(1);
}

/** The number out of what a program says of its version. */
function bare(version: string): string {
    return /\d+\.\d+[\w.]*/.exec(version)?.[0] ?? version;
}

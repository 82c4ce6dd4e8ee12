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

The alternative is a script: zones from \`aws ec2 describe-instances\` and jq, one \`aws ec2 create-volume\` for each disk, ids put into a manifest with sed, \`kubectl create\`. [benchmarks/script.sh](../benchmarks/script.sh) is that script. \`npm run bench\` runs it and the program against one sandbox, in turn, and writes \`result.json\` and \`chart.svg\`. These are the figures of the last run; the row of 500 volumes is from an earlier one.

Seconds for the whole job, from the start of the first process to the end of the last, and in brackets the ratio to the script's. Medians of the number of runs in the table; the script with more than 20 volumes, a loop, is timed once. Cases that were not run are empty.

${resultTable(result)}

![Seconds for the whole job, by number of volumes](../benchmarks/results/chart.svg)

- ${result.date}; ${result.machine}; ${versions.join(", ")}.
- \`pulumi up\` is timed with \`--skip-preview\`, since the script shows no preview either. State is in local files, without the metadata that Pulumi keeps beside each (\`?metadata=skip\`). The Kubernetes provider is the real one; the AWS provider is the sandbox's stand-in, which already runs when the CLI starts, so the figures don't include the start of the real one.
- "stand-in up" is the program without the engine: Pulumi's language runner and a stand-in for the engine's services.
- The sandbox's EC2 answers in milliseconds. If calls take longer, the script waits for one volume after the other, the program for all of them at once.

## Where the program's time goes

From the start of the language runner to its first request to AWS, ${seconds(small, "program start")} s and at most ${small.medians["program memory"] ?? "?"} MB of memory with ${small.volumes} volumes. Nearly all of it is Pulumi's SDK, which loads some 770 files before the program's first line. The rest is optimized:

- No type checking at run time, and sucrase instead of the TypeScript compiler to remove types.
- From \`@pulumi/aws\` and \`@pulumi/kubernetes\` only the services that are used: the packages' entries load all services.
- No source maps: sucrase keeps line numbers, and Pulumi takes a stack trace for every promise.

## How it grows

- **With nodes**: not at all. One call for the zones and one for each zone, whatever the number of nodes.
- **With volumes**: two resources for each volume, each of which takes the SDK, the engine and the providers a few milliseconds. Without changes there is no other work. A profile of 100 volumes without changes: of 4.1 s in the program's process, 1.3 load files, 0.8 wait, and nearly all the rest is spent in the SDK, which creates a promise for each property of each resource and a message for each resource; the component's own code takes at most 0.1.
- **Above some hundred volumes in one stack with self-managed state**, the first \`pulumi up\` grows faster than the number of volumes: the engine writes the whole state after every step, so that nothing is lost when it is interrupted. At 100 volumes this takes two thirds of its time. Several stacks of some hundred volumes each are faster than one with all.

## Calls

All calls of ${callsOf(result)} with ${small.volumes} volumes and ${small.nodes} nodes:

${callsTable(result)}

Two calls of \`DescribeVolumes\` for each volume come from waiting until it is available and reading it.
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

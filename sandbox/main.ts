import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { printError } from "../tools/terminal/commandLine";
import { quoted } from "../tools/terminal/shell";
import { verdict } from "../tools/terminal/colours";
import { fillAccount, jenkinsOnKops } from "./accounts";
import { Phases, runJob } from "./job";
import { runningProcesses } from "./processes";
import { startServers, stopServers } from "./servers";

/** Folder of a checkout's sandboxes, with data, logs and settings for users. */
const home = join(__dirname, "..", ".sandbox");
/** Folder of the sandbox of `sandbox:start`. */
const started = join(home, "servers");
/** Files of the map that `run` draws. */
const maps = ["zone-map.html", "zone-map.svg"].map((name) => join(home, name));
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = { run, start, stop };

/**
 * `npm run sandbox`: starts servers, does the main job and stops them. With `--json` it prints the result as JSON, and
 * the progress to the standard error.
 */
async function run(args: readonly string[]): Promise<number> {
    const isForMachines = args.includes("--json");
    const report = isForMachines ? console.error : console.log;
    const directory = join(home, `run-${process.pid}`);
    const phases = new Phases();
    const signal = interruption();
    const servers = await phases.time("start servers", () =>
        startServers({ directory, mode: "attached", report, signal }),
    );
    const end = async () => {
        await servers.stop();
        await rm(directory, { recursive: true, force: true });
    };
    signal.addEventListener("abort", () => void end().then(() => process.exit(130)));
    try {
        await phases.time("fill account", () => fillAccount(servers, jenkinsOnKops));
        const { problems, disks } = await runJob(servers, directory, report, phases, maps);
        problems.forEach((problem) => console.error(problem));
        const isWell = problems.length === 0;
        const [map] = isWell ? maps.map((file) => relative(process.cwd(), file)) : [];
        if (isForMachines) {
            const found = disks.map(({ record, ec2, persistentVolume }) => ({
                ...record,
                ...ec2,
                status: persistentVolume.status?.phase,
            }));
            const result = { problems, disks: found, phases: phases.asNumbers(), map };
            console.log(JSON.stringify(result, undefined, 2));
            return isWell ? 0 : 1;
        }
        console.log(`${phases.toString()}\n`);
        if (map !== undefined) {
            console.log(`a map of the disks is in ${map}\n`);
        }
        console.log(
            verdict(isWell, isWell ? "every disk is Available, in the zone of its volume" : "the job failed"),
        );
        return isWell ? 0 : 1;
    } finally {
        await end();
    }
}

/** A signal that aborts on SIGINT and SIGTERM. */
function interruption(): AbortSignal {
    const controller = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => controller.abort(new Error("interrupted")));
    }
    return controller.signal;
}

/** `npm run sandbox:start`: leaves the servers running, for `aws`, `kubectl` and `pulumi`. */
async function start(): Promise<number> {
    if (runningProcesses(started).length > 0) {
        console.error("the sandbox is already running: use it, or stop it with npm run sandbox:stop");
        return 1;
    }
    const signal = interruption();
    const servers = await startServers({ directory: started, mode: "detached", report: console.log, signal });
    await fillAccount(servers, jenkinsOnKops);
    const exports = Object.entries(servers.environment).map(([name, value]) =>
        value === undefined ? `unset ${name}\n` : `export ${name}=${quoted(value)}\n`,
    );
    await writeFile(join(home, "env"), exports.join(""));
    console.log(
        "the sandbox is running: source .sandbox/env, then use aws, kubectl and pulumi; end it with npm run sandbox:stop",
    );
    return 0;
}

/** `npm run sandbox:stop`: ends the servers of `sandbox:start`. */
async function stop(): Promise<number> {
    const running = runningProcesses(started).length > 0;
    await stopServers(started);
    await rm(started, { recursive: true, force: true });
    await rm(join(home, "env"), { force: true });
    console.log(running ? "the sandbox is stopped" : "no sandbox was running");
    return 0;
}

async function main(): Promise<number> {
    const command = commands[process.argv[2] ?? ""];
    if (!command) {
        console.error("usage: npm run sandbox -- [--json] | npm run sandbox:start | npm run sandbox:stop");
        return 2;
    }
    return command(process.argv.slice(3));
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        printError(error);
        process.exit(1);
    },
);

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { isRunning } from "../tools/terminal/processes";
import { quoted } from "../tools/terminal/shell";
import { newProgram } from "../tools/commands/command";
import { verdict } from "../tools/terminal/colours";
import { fillAccount, jenkinsOnKops } from "./accounts";
import { home, inFolder, interruptible, removeServers } from "./interruption";
import { Phases, runJob } from "./job";
import { runningProcesses } from "./processes";
import { proxyVariables, withoutProxiesInShell } from "./proxies";
import { runScript } from "./script";
import { startServers } from "./servers";
import type { Servers } from "./servers";

/** Folder of the sandbox of `sandbox:start`. */
const started = join(home, "servers");
/** Has the id of the process that starts it, until it is complete. */
const starter = join(started, "starter");
const environmentFile = join(home, "env");
/** Files of the map that `run` draws. */
const maps = ["zone-map.html", "zone-map.svg"].map((name) => join(home, name));

/**
 * `npm run sandbox`: starts servers, does the main job and stops them. With `--json` it prints the result as JSON, and
 * the progress to the standard error.
 */
function run(isForMachines: boolean): Promise<number> {
    const report = isForMachines ? console.error : console.log;
    return inFolder("run", async (directory, signal) => {
        const phases = new Phases();
        const servers = await phases.time("start servers", () =>
            startServers({ directory, mode: "attached", report, signal }),
        );
        await phases.time("fill account", () => fillAccount(servers, jenkinsOnKops));
        const { problems, disks } = await runJob(servers, directory, report, phases, maps);
        signal.throwIfAborted();
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
    });
}

/** `npm run sandbox:start`: leaves the servers running, for `aws`, `kubectl` and `pulumi`. */
async function start(): Promise<number> {
    if (runningProcesses(started).length > 0 && !(await isAbandoned())) {
        console.error("the sandbox is already running: use it, or stop it with npm run sandbox:stop");
        return 1;
    }
    try {
        await interruptible(async (signal) => {
            await removeServers(started);
            await mkdir(started, { recursive: true, mode: 0o700 });
            await writeFile(starter, String(process.pid));
            const report = console.log;
            const servers = await startServers({ directory: started, mode: "detached", report, signal });
            await fillAccount(servers, jenkinsOnKops);
            signal.throwIfAborted();
            await writeFile(environmentFile, exportsOf(servers));
            await rm(starter);
        });
    } catch (error) {
        await removeServers(started);
        throw error;
    }
    console.log(
        "the sandbox is running: source .sandbox/env, then use aws, kubectl and pulumi; end it with npm run sandbox:stop",
    );
    return 0;
}

/** Whether the process that was starting the sandbox was killed. */
async function isAbandoned(): Promise<boolean> {
    const pid = await readFile(starter, "utf8").catch(() => undefined);
    return pid !== undefined && !isRunning(Number(pid), "sandbox");
}

/** Lines for a shell, whose own hosts without a proxy stay. */
function exportsOf({ environment }: Servers): string {
    const lines = Object.entries(environment)
        .filter(([name]) => !proxyVariables.includes(name))
        .map(([name, value]) =>
            value === undefined ? `unset ${name}\n` : `export ${name}=${quoted(value)}\n`,
        );
    return [...lines, withoutProxiesInShell].join("");
}

/** `npm run sandbox:stop`: ends the servers of `sandbox:start`. */
async function stop(): Promise<number> {
    const running = runningProcesses(started).length > 0;
    await removeServers(started);
    await rm(environmentFile, { force: true });
    console.log(running ? "the sandbox is stopped" : "no sandbox was running");
    return 0;
}

const isDone = (work: Promise<number>) => work.then((status) => void (process.exitCode = status));
const scripts: Readonly<Record<string, Command>> = {
    run: newProgram(
        "npm run sandbox --",
        "Starts EC2's API and a Kubernetes control plane on this machine, deploys the stack dev to them, shows its disks, " +
            "and stops them.",
    )
        .option("--json", "print the disks, phases and problems as JSON")
        .action(({ json = false }: { json?: boolean }) => isDone(run(json))),
    start: newProgram(
        "npm run sandbox:start --",
        "Starts the same servers and leaves them running. `source .sandbox/env` makes aws, kubectl and pulumi use them; " +
            "`npm run sandbox:stop` stops them.",
    ).action(() => isDone(start())),
    stop: newProgram(
        "npm run sandbox:stop --",
        "Stops the servers of `npm run sandbox:start`, and removes their data.",
    ).action(() => isDone(stop())),
};

const [name = "", ...args] = process.argv.slice(2);
const chosen = scripts[name];
if (chosen) {
    void runScript(chosen, args);
} else {
    console.error("usage: npm run sandbox -- [--json] | npm run sandbox:start | npm run sandbox:stop");
    process.exit(2);
}

import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isAlive, locksIn } from "../recover/backend";
import { until } from "./until";

/** Record of a run, for the runs after it. */
export interface RunRecord {
    readonly run: string;
    readonly account: string;
    readonly region: string;
    readonly cluster: string;
    /** Context of the kubeconfig. */
    readonly context: string;
    /** Its process. */
    readonly pid: number;
    /** The Pulumi CLI that it has started last: it may outlive a process that was killed. */
    readonly pulumiPid?: number;
}

const projectName = "zonal-persistent-storage";

/** Seconds that the CLI has to end, by a signal each. */
const endingSeconds = 10;

/** Folder of a run: its stack's project and state, kept until nothing of the run is left. */
export class RunFolder {
    private constructor(
        public readonly directory: string,
        private record: RunRecord,
    ) {}

    public static async create(record: RunRecord): Promise<RunFolder> {
        const folder = new RunFolder(join(root(), record.run), record);
        await mkdir(folder.directory, { recursive: true, mode: 0o700 });
        await folder.write();
        return folder;
    }

    /** Folders of the runs of this machine's user whose removal isn't complete. */
    public static async all(): Promise<RunFolder[]> {
        const names = await readdir(root()).catch(() => []);
        const folders = await Promise.all(
            names.map(async (name) => {
                const directory = join(root(), name);
                try {
                    const record = await readFile(join(directory, "run.json"), "utf8");
                    return [new RunFolder(directory, JSON.parse(record) as RunRecord)];
                } catch {
                    // Not a folder, or killed before its record was written: then the run had created nothing yet.
                    return [];
                }
            }),
        );
        return folders.flat();
    }

    public get run(): RunRecord {
        return this.record;
    }

    /** Folder of the backend that has the stack's state. */
    public get state(): string {
        return join(this.directory, "state");
    }

    /** Everything that the CLI has printed. */
    public get log(): string {
        return join(root(), `${this.record.run}.log`);
    }

    public async setPulumiPid(pulumiPid: number | undefined): Promise<void> {
        this.record = { ...this.record, pulumiPid };
        await this.write();
    }

    /** Whether the run's process runs. One's own id is no other's: in containers ids repeat. */
    public get isRunning(): boolean {
        return this.record.pid !== process.pid && runs(this.record.pid, "acceptance");
    }

    /**
     * Ends the CLI that has outlived the run's process: it may still be creating things.
     *
     * @throws Error if it doesn't end.
     */
    public async endPulumi(): Promise<void> {
        for (const signal of ["SIGTERM", "SIGKILL"] as const) {
            const pids = this.pulumiPids();
            if (pids.length === 0) {
                return;
            }
            const what = `run ${this.record.run}: waiting for the end of process ${pids.join(", ")}, which still works on its stack`;
            pids.forEach((pid) => send(pid, signal));
            const isGone = () => Promise.resolve(this.pulumiPids().length === 0 || undefined);
            const gone = until(isGone, { what, seconds: endingSeconds });
            await (signal === "SIGTERM" ? gone.catch(() => undefined) : gone);
        }
    }

    /** Processes of the CLI on this machine that work on the run's stack: the one started last, and who has its lock. */
    private pulumiPids(): number[] {
        const { pulumiPid } = this.record;
        const directory = join(this.state, ".pulumi");
        const locks = locksIn({ directory, project: projectName, stack: undefined });
        const pids = [
            ...(pulumiPid !== undefined && runs(pulumiPid, "pulumi") ? [pulumiPid] : []),
            ...locks.filter((lock) => isAlive(lock) === true).map(({ pid }) => pid),
        ];
        return [...new Set(pids)];
    }

    public async remove({ keepLog }: { readonly keepLog: boolean }): Promise<void> {
        await rm(this.directory, { recursive: true, force: true });
        if (!keepLog) {
            await rm(this.log, { force: true });
        }
    }

    /** In one go: a record that a kill has cut short would hide what the run has left. */
    private async write(): Promise<void> {
        const [file, draft] = [join(this.directory, "run.json"), join(this.directory, "run.json.tmp")];
        await writeFile(draft, JSON.stringify(this.record, undefined, 2));
        await rename(draft, file);
    }
}

/** Outside the checkout: whoever runs it from another one finds what was left. */
function root(): string {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    return join(cache, projectName, "acceptance");
}

function send(pid: number, signal: NodeJS.Signals): void {
    try {
        process.kill(pid, signal);
    } catch {
        // It has just ended, or is somebody else's: then it is waited for in vain, which is said.
    }
}

/** Whether a process with that id runs and, where the system tells, is the program that it was. */
function runs(pid: number, program: string): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    const commandLine = `/proc/${pid}/cmdline`;
    return !existsSync(commandLine) || readFileSync(commandLine, "utf8").includes(program);
}

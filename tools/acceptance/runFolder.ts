import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { isAlive, locksIn } from "../engine/backend";
import { isRunning } from "../terminal/processes";
import { until } from "./until";

/** Record of a run, for the runs after it. */
export interface RunRecord {
    readonly run: string;
    readonly account: string;
    readonly region: string;
    readonly cluster: string;
    /** Context of the kubeconfig. */
    readonly context: string;
    /** Its process id. */
    readonly pid: number;
    /** Process id of the Pulumi CLI that it started last, which may outlive a killed run. */
    readonly pulumiPid?: number;
}

const projectName = "zonal-persistent-storage";

/** Seconds in which the CLI has to end after each signal. */
const endingSeconds = 10;

/** Folder of a run with its stack's project and state. It is kept until all of the run's resources are removed. */
export class RunFolder {
    private constructor(
        public readonly directory: string,
        private record: RunRecord,
    ) {}

    public static async create(record: RunRecord): Promise<RunFolder> {
        const folder = new RunFolder(join(rootFolder(), record.run), record);
        await mkdir(folder.directory, { recursive: true, mode: 0o700 });
        await folder.write();
        return folder;
    }

    /** Folders of this user's runs whose removal isn't complete. */
    public static async all(): Promise<RunFolder[]> {
        const names = await readdir(rootFolder()).catch(() => []);
        const folders = await Promise.all(
            names.map(async (name) => {
                const directory = join(rootFolder(), name);
                try {
                    const record = await readFile(join(directory, "run.json"), "utf8");
                    return [new RunFolder(directory, JSON.parse(record) as RunRecord)];
                } catch {
                    // Not a folder, or a run that was killed before its record was written: it has created nothing yet.
                    return [];
                }
            }),
        );
        return folders.flat();
    }

    public get run(): RunRecord {
        return this.record;
    }

    /** Folder of the backend with the stack's state. */
    public get state(): string {
        return join(this.directory, "state");
    }

    /** Path of the CLI's output. */
    public get log(): string {
        return join(rootFolder(), `${this.record.run}.log`);
    }

    public async setPulumiPid(pulumiPid: number | undefined): Promise<void> {
        this.record = { ...this.record, pulumiPid };
        await this.write();
    }

    /** Whether the run's process still runs. This process' own id is never another run's: in containers ids repeat. */
    public get isRunning(): boolean {
        return this.record.pid !== process.pid && isRunning(this.record.pid, "acceptance");
    }

    /**
     * Ends a CLI that has outlived the run's process: it may still be creating resources.
     *
     * @throws Error if it doesn't end.
     */
    public async endPulumi(): Promise<void> {
        for (const signal of ["SIGTERM", "SIGKILL"] as const) {
            const pids = this.pulumiPids();
            if (pids.length === 0) {
                return;
            }
            const what = `run ${this.record.run}: waiting until process ${pids.join(", ")}, which still works on its stack, has ended`;
            pids.forEach((pid) => send(pid, signal));
            const isGone = () => Promise.resolve(this.pulumiPids().length === 0 || undefined);
            const gone = until(isGone, { what, seconds: endingSeconds });
            await (signal === "SIGTERM" ? gone.catch(() => undefined) : gone);
        }
    }

    /** The CLI's processes on the run's stack: the one started last, and the owner of its lock. */
    private pulumiPids(): number[] {
        const { pulumiPid } = this.record;
        const directory = join(this.state, ".pulumi");
        const locks = locksIn({ directory, project: projectName, stack: undefined });
        const pids = [
            ...(pulumiPid !== undefined && isRunning(pulumiPid, "pulumi") ? [pulumiPid] : []),
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

    /** Writes the record atomically: an incomplete one would hide the run's leftovers. */
    private async write(): Promise<void> {
        const [file, draft] = [join(this.directory, "run.json"), join(this.directory, "run.json.tmp")];
        await writeFile(draft, JSON.stringify(this.record, undefined, 2));
        await rename(draft, file);
    }
}

/** Outside the checkout, so that runs from other checkouts find the leftovers. */
function rootFolder(): string {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    return join(cache, projectName, "acceptance");
}

function send(pid: number, signal: NodeJS.Signals): void {
    try {
        process.kill(pid, signal);
    } catch {
        // It has just ended, or belongs to another user: then the wait for its end fails with a message.
    }
}

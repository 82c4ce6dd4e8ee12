import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

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

    /** Ends what the run's process was waiting for when it was killed. */
    public endPulumi(): void {
        const { pulumiPid } = this.record;
        if (pulumiPid !== undefined && runs(pulumiPid, "pulumi")) {
            process.kill(pulumiPid, "SIGKILL");
        }
    }

    public async remove({ keepLog }: { readonly keepLog: boolean }): Promise<void> {
        await rm(this.directory, { recursive: true, force: true });
        if (!keepLog) {
            await rm(this.log, { force: true });
        }
    }

    private async write(): Promise<void> {
        await writeFile(join(this.directory, "run.json"), JSON.stringify(this.record, undefined, 2));
    }
}

/** Outside the checkout: whoever runs it from another one finds what was left. */
function root(): string {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    return join(cache, "zonal-persistent-storage", "acceptance");
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

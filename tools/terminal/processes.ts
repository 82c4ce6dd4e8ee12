import { existsSync, readFileSync } from "node:fs";

/** Whether a process runs and, where the system tells, is of that program: ids are used again. */
export function isRunning(pid: number, program: string): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    const commandLine = `/proc/${pid}/cmdline`;
    return !existsSync(commandLine) || readFileSync(commandLine, "utf8").includes(program);
}

import { existsSync, readFileSync } from "node:fs";

/** Whether a process with that id exists. */
export function processExists(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
}

/** Whether a process runs and, where the system tells, is of that program: ids are used again. */
export function isRunning(pid: number, program: string): boolean {
    const commandLine = `/proc/${pid}/cmdline`;
    return (
        processExists(pid) &&
        (!existsSync(commandLine) || readFileSync(commandLine, "utf8").includes(program))
    );
}

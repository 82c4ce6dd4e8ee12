import { readFileSync, readdirSync } from "node:fs";

/** Seconds of processor time, by the part of a command that used them. */
export type ProcessorTime = Readonly<Record<(typeof parts)[number], number>>;

/** Parts of a command. Stand-ins for providers run in this process. */
export const parts = ["CLI", "program", "providers"] as const;

/** Ticks per second in /proc: USER_HZ, which is 100 on every architecture of today (proc(5)). */
const ticks = 100;

/** How often processes are looked at. What one uses after the last look isn't counted. */
const intervalMs = 100;

/** Runs a command of the CLI, and measures the processor time of its processes. Linux only. */
export async function withProcessorTime<T>(work: () => Promise<T>): Promise<readonly [T, ProcessorTime]> {
    const used = new Map<number, { readonly part: (typeof parts)[number]; readonly seconds: number }>();
    const look = () => commandProcesses().forEach(({ pid, ...one }) => used.set(pid, one));
    const own = process.cpuUsage();
    const timer = setInterval(look, intervalMs);
    try {
        const result = await work();
        const { user, system } = process.cpuUsage(own);
        const sumOf = (part: string) =>
            [...used.values()].reduce((sum, one) => sum + (one.part === part ? one.seconds : 0), 0);
        return [
            result,
            {
                CLI: sumOf("CLI"),
                program: sumOf("program"),
                providers: sumOf("providers") + (user + system) / 1e6,
            },
        ];
    } finally {
        clearInterval(timer);
    }
}

/** The CLI and all below it. */
function commandProcesses() {
    const all = readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .flatMap((entry) => statOf(Number(entry)));
    const isBelow = (pid: number): boolean => {
        const one = all.find((other) => other.pid === pid);
        return (
            one !== undefined &&
            ((one.parent === process.pid && one.name === "pulumi") || isBelow(one.parent))
        );
    };
    return all
        .filter(({ pid }) => isBelow(pid))
        .map(({ pid, name, seconds }) => ({ pid, part: partOf(name), seconds }));
}

function partOf(name: string): (typeof parts)[number] {
    return name === "node" || name === "MainThread"
        ? "program"
        : name.startsWith("pulumi-resource")
          ? "providers"
          : "CLI";
}

function statOf(pid: number) {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [, name = "", rest = ""] = /\((.*)\) (.*)/s.exec(stat) ?? [];
        const fields = rest.split(" ");
        const [parent, user, system] = [1, 11, 12].map((at) => Number(fields[at])) as [
            number,
            number,
            number,
        ];
        return [{ pid, name, parent, seconds: (user + system) / ticks }];
    } catch {
        return []; // It has ended.
    }
}

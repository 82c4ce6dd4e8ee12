import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";

/** Options of commands that change something. */
export interface ConfirmOptions {
    /** Whether not to ask. */
    readonly yes?: boolean;
    readonly dryRun?: boolean;
}

/** A question that only a person can answer: --yes isn't enough. */
export interface Doubt {
    readonly question: string;
    /** How to go on without a person. */
    readonly wayOut: string;
}

/** @throws Error with the reason, if there is one. */
export function refuse(reason: string | undefined): void {
    if (reason !== undefined) {
        throw new Error(reason);
    }
}

/**
 * Asks whether to go on.
 *
 * @throws Error unless the answer is yes.
 */
export async function confirm({ yes, dryRun }: ConfirmOptions, doubt?: Doubt): Promise<void> {
    if (dryRun) {
        throw new Error("nothing was done: --dry-run");
    }
    const isTerminal = stdin.isTTY && stdout.isTTY;
    if (doubt && (yes || !isTerminal)) {
        throw new Error(`${doubt.question}: ${doubt.wayOut}`);
    }
    if (yes) {
        return;
    }
    if (!isTerminal) {
        throw new Error("nothing was done: this isn't a terminal to ask in, give --yes");
    }
    const terminal = createInterface({ input: stdin, output: stdout, terminal: false });
    const answer = await terminal.question(`${doubt ? `${doubt.question}.\n` : ""}do this? (yes/no) `);
    terminal.close();
    if (answer.trim() !== "yes") {
        throw new Error("nothing was done");
    }
}

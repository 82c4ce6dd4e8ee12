import { appendFileSync } from "node:fs";

/** Variable with the path of a file for the reporter's closing lines, shared by all processes. */
const variable = "ENGINE_NOTES";

/** Records the engine of a test, or why it has none, for the closing lines of the report. */
export function noteEngine(line: string): void {
    const file = process.env[variable];
    if (file !== undefined) {
        // Short lines are appended atomically.
        appendFileSync(file, `${line}\n`);
    }
}

import { appendFileSync } from "node:fs";

/** Names the file where tests, in whichever process they run, leave what the reporter says at the end. */
const variable = "ENGINE_NOTES";

/** Notes which engine a test works with, or why it has none, for the closing lines of the report. */
export function noteEngine(line: string): void {
    const file = process.env[variable];
    if (file !== undefined) {
        // A short line is appended whole, whoever else appends at the same time.
        appendFileSync(file, `${line}\n`);
    }
}

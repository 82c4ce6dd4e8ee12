import { styleText } from "node:util";

/** Text that stands out in a terminal. Elsewhere, and with NO_COLOR, it is left as it is. */
export function bold(text: string): string {
    return styleText("bold", text, { stream: process.stdout });
}

/** The last word on something: green if it is good, red if it isn't. */
export function verdict(isGood: boolean, text: string): string {
    return styleText(isGood ? "green" : "red", text, { stream: process.stdout });
}

/** Says in a terminal what takes a while. Nobody waits for it elsewhere. */
export function progress(text: string): void {
    if (process.stderr.isTTY) {
        console.error(styleText("dim", text, { stream: process.stderr }));
    }
}

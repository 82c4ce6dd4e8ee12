import { styleText } from "node:util";

/** Bold text in a terminal; unchanged elsewhere and with NO_COLOR. */
export function bold(text: string): string {
    return styleText("bold", text, { stream: process.stdout });
}

/** A closing line: green if the result is good, red otherwise. */
export function verdict(isGood: boolean, text: string): string {
    return styleText(isGood ? "green" : "red", text, { stream: process.stdout });
}

/** Reports progress in a terminal; prints nothing elsewhere. */
export function progress(text: string): void {
    if (process.stderr.isTTY) {
        console.error(styleText("dim", text, { stream: process.stderr }));
    }
}

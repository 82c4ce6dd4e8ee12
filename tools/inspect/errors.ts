import { ApiException } from "@kubernetes/client-node";
import { printable } from "../../components/validation/problems";

/** The first line of an error's message. */
export function messageOf(error: unknown): string {
    if (error instanceof ApiException) {
        const reason = reasonIn(error.body);
        return `it answers ${error.code}${reason === undefined ? "" : `: ${reason}`}`;
    }
    const { message, code, name } = error as { message?: string; code?: string; name?: string };
    return firstLine(message || code || name || String(error));
}

/** The API server's own words: they name the right that is missing, or the mistake in a selector. */
function reasonIn(body: unknown): string | undefined {
    try {
        const { message } = JSON.parse(String(body)) as { message?: unknown };
        return typeof message === "string" ? printable(firstLine(message)) : undefined;
    } catch {
        return undefined;
    }
}

/** The first line of a text. */
export function firstLine(text: string): string {
    return text.trim().split("\n")[0] ?? "";
}

/** The answer, or undefined if there is no such object. */
export async function undefinedIfNotFound<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
        return await asked;
    } catch (error) {
        if (error instanceof ApiException && error.code === 404) {
            return undefined;
        }
        throw error;
    }
}

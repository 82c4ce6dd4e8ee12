import { ApiException } from "@kubernetes/client-node";

/** The first line of an error's message. */
export function messageOf(error: unknown): string {
    if (error instanceof ApiException) {
        return `it answers ${error.code}`;
    }
    const { message, code, name } = error as { message?: string; code?: string; name?: string };
    return firstLine(message || code || name || String(error));
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

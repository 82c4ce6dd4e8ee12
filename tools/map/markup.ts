import { printable } from "../../components/validation/problems";

/** Text that is HTML or SVG. Only {@link markup} creates it. */
export class Markup {
    public constructor(public readonly text: string) {}

    public toString(): string {
        return this.text;
    }
}

type Part = Markup | string | number | undefined | readonly Part[];

/**
 * HTML or SVG with values. Every value that isn't Markup is escaped, for elements and for quoted attributes: names
 * come from clusters, accounts and files, and are untrusted.
 */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
    return new Markup(texts.map((text, index) => text + render(parts[index])).join(""));
}

function render(part: Part): string {
    if (part === undefined) {
        return "";
    }
    if (part instanceof Markup) {
        return part.text;
    }
    return typeof part === "object" ? part.map(render).join("") : escape(String(part));
}

function escape(text: string): string {
    const entities: Record<string, string> = {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
    };
    return printable(text).replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

import { markdownTable } from "../../program/markdownTable";
import { readSurface, undocumented } from "./surface";
import type { Exported, Member } from "./surface";

/**
 * The text of docs/api.md, from the library's doc comments.
 *
 * @throws Error that lists what has no doc comment.
 */
export function apiPage(): string {
    const surface = readSurface();
    const missing = undocumented(surface);
    if (missing.length > 0) {
        throw new Error(`doc comments are missing: ${missing.join(", ")}`);
    }
    const order = ["class", "interface", "values"];
    const sorted = [...surface].sort(
        (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || rank(a) - rank(b),
    );
    return `# API

All that \`zonal-persistent-storage\` exports. Made by \`npm run docs\` from the doc comments in \`components/\`. Other
languages have the same names in their own way: Python has \`cluster_name\`.

${sorted.map(section).join("\n\n")}
`;
}

/** The component's own args come before their parts. */
function rank({ name }: Exported): number {
    return name === "ZonalPersistentStorageArgs" ? 0 : 1;
}

function section({ name, kind, text, example, extends: bases, members }: Exported): string {
    const more = bases.map((base) => `It has all properties of [${base}](#${base.toLowerCase()}), too.`);
    const parts = {
        class: [
            "```typescript\nnew ZonalPersistentStorage(name: string, args: ZonalPersistentStorageArgs, opts?: ComponentResourceOptions)\n```",
            ...(example === undefined ? [] : [example]),
            markdownTable(["output", "type", "meaning"], members.map(outputRow)),
        ],
        interface: [
            ...more,
            // Types that are not args are outputs.
            /(Args|Settings)$/.test(name)
                ? markdownTable(["property", "type", "meaning", "default"], members.map(propertyRow))
                : markdownTable(["property", "type", "meaning"], members.map(outputRow)),
        ],
        values: [markdownTable(["name", "value", "meaning"], members.map(outputRow))],
    };
    return [`## ${name}`, paragraphs(text), ...parts[kind]].join("\n\n");
}

function outputRow({ name, type, text }: Member): string[] {
    return [`\`${name}\``, `\`${type}\``, line(text)];
}

function propertyRow({ name, type, required, text, default: preset }: Member): string[] {
    const value = preset?.startsWith("- ") ? preset.slice(2) : preset && `\`${preset}\``;
    return [`\`${name}\``, `\`${type}\``, line(text), required ? "required" : line(value ?? "none")];
}

function paragraphs(text: string): string {
    return text.split("\n\n").map(line).join("\n\n");
}

function line(text: string): string {
    return text
        .replace(/\s+/g, " ")
        .replaceAll("|", "\\|")
        .replace(/\{@link (\w+)\}/g, "`$1`");
}

import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isNode, isScalar, isSeq, parseDocument, visit } from "yaml";
import type { Pair, YAMLMap } from "yaml";

/** All scalars are texts, and so stay as they are written. */
const schema = "failsafe";

/**
 * Settings as YAML for a stack's file. Pulumi reads it by other rules than YAML 1.2 has: without quotes 2026-11-26 would be
 * a time, 1_000 a number.
 */
export function yamlOf(settings: unknown, indent: number): string {
    const document = new Document(settings);
    visit(document, {
        Scalar: (_, scalar) => {
            if (typeof scalar.value === "string" && !isPlain(scalar.value)) {
                scalar.type = "QUOTE_DOUBLE";
            }
        },
    });
    return document.toString({ indent, lineWidth: 0 });
}

/** Whether a text without quotes is the same text for every reader. */
function isPlain(text: string): boolean {
    return /^[a-z]([\w.:-]*\w)?$/i.test(text) && !/^(y|yes|n|no|on|off|true|false|null)$/i.test(text);
}

type Entries = Readonly<Record<string, unknown>>;

/**
 * A YAML text with entries added to the map at a path, which is made if it is missing. Every other line stays as it is,
 * unless the map is written in braces: then comments and order stay.
 */
export function withEntries(text: string, path: readonly string[], entries: Entries): string {
    if (Object.keys(entries).length === 0) {
        return text;
    }
    const indent = indentOf(text);
    const expected = expectedDocument(text, path, entries);
    const added = textWith(text, path, entries, indent);
    return added !== undefined && isSame(added, expected)
        ? added
        : expected.toString({ indent, lineWidth: 0 });
}

/** A YAML text with a value at a path, and the maps above it, as `withEntries`. */
export function withEntry(text: string, path: readonly string[], value: unknown): string {
    const document = parseDocument(text, { schema });
    const last = path.findLastIndex((_, index) => isMap(document.getIn(path.slice(0, index))));
    const [above, [key = "", ...below]] = [path.slice(0, last), path.slice(last)];
    return withEntries(text, above, {
        [key]: below.reduceRight((inner, name) => ({ [name]: inner }), value),
    });
}

/**
 * A YAML text with an item at the end of the list at a path, which is made if it is missing, with the maps above it. Every
 * other line stays as it is, unless a map or a list above it is written in braces or brackets.
 */
export function withItem(text: string, path: readonly string[], item: Entries): string {
    const document = parseDocument(text, { schema });
    const list = document.getIn(path);
    if (!isSeq(list) || list.items.length === 0) {
        return withEntry(text, path, [item]);
    }
    const expected = parseDocument(text, { schema });
    expected.addIn(path, parseDocument(yamlOf(item, 2), { schema }).contents);
    const [, end] = (!list.flow && list.range) || [];
    const first = list.items[0];
    const place = isNode(first) && first.range ? first.range[0] : undefined;
    if (end !== undefined && place !== undefined) {
        const dash = text.slice(text.lastIndexOf("\n", place) + 1, place);
        const lines = yamlOf([item], 2).replace(/^- /, dash.replace(/[^ -]/g, " ")).trimEnd();
        const [before, after] = [text.slice(0, end).trimEnd(), text.slice(end)];
        const added = `${before}\n${lines.replace(/\n */g, `\n${" ".repeat(dash.length)}`)}\n${after.replace(/^\n/, "")}`;
        if (isSame(added, expected)) {
            return added;
        }
    }
    return expected.toString({ indent: indentOf(text), lineWidth: 0 });
}

/** A YAML text without the last item of the list at a path, and without the maps above it that are empty then. */
export function withoutLastItem(text: string, path: readonly string[]): string {
    const document = parseDocument(text, { schema });
    const list = document.getIn(path);
    const count = isSeq(list) ? list.items.length : 0;
    if (count < 2) {
        return count === 0 ? text : withoutPaths(text, [path]);
    }
    const last = isSeq(list) ? list.items.at(-1) : undefined;
    document.deleteIn([...path, count - 1]);
    if (isSeq(list) && !list.flow && isNode(last) && last.range) {
        const start = text.lastIndexOf("\n", last.range[0]) + 1;
        const newline = text.indexOf("\n", last.range[1] - 1);
        const left = text.slice(0, start) + (newline === -1 ? "" : text.slice(newline + 1));
        if (isSame(left, document)) {
            return left;
        }
    }
    return document.toString({ indent: indentOf(text), lineWidth: 0 });
}

/** Number of spaces by which the text indents. */
function indentOf(text: string): number {
    return (/^( +)[^\s#]/m.exec(text)?.[1] ?? "    ").length;
}

/**
 * A YAML text without entries of the map at a path, and without the map if it is empty then. Every other line stays as it
 * is, unless the map is written in braces.
 */
export function withoutEntries(text: string, path: readonly string[], names: readonly string[]): string {
    return names.reduce((before, name) => {
        const map = parseDocument(before, { schema }).getIn(path);
        const isOnly = isMap(map) && map.items.length === 1;
        return withoutEntry(before, isOnly ? path : [...path, name]);
    }, text);
}

function withoutEntry(text: string, path: readonly string[]): string {
    const expected = parseDocument(text, { schema });
    if (!expected.hasIn(path)) {
        return text;
    }
    expected.deleteIn(path);
    const map = parseDocument(text, { schema }).getIn(path.slice(0, -1));
    const entry = isMap(map) && !map.flow ? pairOf(map, path.at(-1) ?? "") : undefined;
    const lines = entry && linesOf(text, entry);
    const left = lines && text.slice(0, lines.start) + text.slice(lines.end);
    return left !== undefined && isSame(left, expected)
        ? left
        : expected.toString({ indent: indentOf(text), lineWidth: 0 });
}

/** A YAML text without the entries at some paths, and without maps that are empty then. Every other line stays as it is. */
export function withoutPaths(text: string, paths: readonly (readonly string[])[]): string {
    const [before, expected] = [parseDocument(text, { schema }), parseDocument(text, { schema })];
    const existing = paths.filter((path) => expected.hasIn(path));
    const removed = existing.map((path) => {
        let place = path;
        expected.deleteIn(place);
        for (; isEmptyMap(expected.getIn(place.slice(0, -1))); place = place.slice(0, -1)) {
            expected.deleteIn(place.slice(0, -1));
        }
        return place;
    });
    const places = removed.flatMap((path) => {
        const map = before.getIn(path.slice(0, -1));
        const entry = isMap(map) ? pairOf(map, path.at(-1) ?? "") : undefined;
        return (entry && linesOf(text, entry)) ?? [];
    });
    const outer = places.filter(
        (place) => !places.some((one) => one !== place && one.start <= place.start && one.end >= place.end),
    );
    const left = outer
        .sort((a, b) => b.start - a.start)
        .reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
    return isSame(left, expected) ? left : expected.toString({ indent: indentOf(text), lineWidth: 0 });
}

function isEmptyMap(node: unknown): boolean {
    return isMap(node) && node.items.length === 0;
}

function expectedDocument(text: string, path: readonly string[], entries: Entries): Document {
    const document = parseDocument(text, { schema });
    if (!isMap(document.getIn(path))) {
        document.setIn(path, document.createNode({}));
    }
    Object.entries(entries).forEach(([key, value]) =>
        document.setIn([...path, key], parseDocument(yamlOf(value, 2), { schema }).contents),
    );
    return document;
}

/** The text with lines for the entries; undefined if there is no place for lines. */
function textWith(
    text: string,
    path: readonly string[],
    entries: Entries,
    indent: number,
): string | undefined {
    const document = parseDocument(text, { schema });
    const [above, name = ""] = [document.getIn(path.slice(0, -1)), path.at(-1)];
    if (!isMap(above) || above.flow) {
        return undefined;
    }
    const pair = pairOf(above, name);
    const map = pair?.value;
    if (isMap(map) && map.items.length > 0) {
        return map.flow ? undefined : insert(text, map.items.at(-1), yamlOf(entries, indent), 0);
    }
    if (!pair) {
        return insert(text, above.items.at(-1), yamlOf({ [name]: entries }, indent), 0);
    }
    const [start, end] = (isNode(map) && map.range) || [0, 0];
    const cleared = `${text.slice(0, start).trimEnd()}${text.slice(end)}`;
    const key = parseDocument(cleared, { schema }).getIn(path.slice(0, -1));
    return insert(cleared, isMap(key) ? pairOf(key, name) : undefined, yamlOf(entries, indent), indent);
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
    return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

/** The text with lines after an entry of a block map, as far to the right as its key or further. */
function insert(text: string, entry: Pair | undefined, lines: string, further: number): string | undefined {
    const place = entry && linesOf(text, entry);
    if (!place) {
        return undefined;
    }
    const before = text.slice(0, place.end);
    const indented = lines.replace(/^(?=.)/gm, " ".repeat(place.column + further));
    return `${before}${before.endsWith("\n") ? "" : "\n"}${indented}${text.slice(place.end)}`;
}

/** The lines of an entry of a block map, and the column of its key. */
function linesOf(
    text: string,
    { key, value }: Pair,
): { readonly start: number; readonly end: number; readonly column: number } | undefined {
    if (!isScalar(key) || !key.range) {
        return undefined;
    }
    const [place] = key.range;
    const start = text.lastIndexOf("\n", place - 1) + 1;
    const last = isNode(value) && value.range ? value.range[1] : key.range[1];
    const newline = text.indexOf("\n", Math.max(last - 1, place));
    return { start, end: newline === -1 ? text.length : newline + 1, column: place - start };
}

function isSame(text: string, expected: Document): boolean {
    const document = parseDocument(text, { schema });
    return (
        document.errors.length === 0 &&
        isDeepStrictEqual(document.toJS(), parseDocument(String(expected), { schema }).toJS())
    );
}

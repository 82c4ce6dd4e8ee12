import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Input } from "@pulumi/pulumi";
import { DeletionPolicy } from "../components/args/deletionPolicy";
import type { VolumeRecord } from "../components/volumeRecord";
import { settingsOf } from "../components/plan/volumeSettings";
import type { StorageConfig } from "./config";
import { markdownTable } from "./markdownTable";

/** Headings of docs/runbooks.md that someone who looks at a stack may need. */
const runbooks = ["A zone has failed", "A PersistentVolume is Released", "A volume was deleted"] as const;

/** A storage, and what was made of its ordinals. */
interface Made extends Pick<StorageConfig, "name" | "args"> {
    readonly volumes: readonly VolumeRecord[];
}

/**
 * The stack in Markdown, for Pulumi Cloud, which shows the output `readme`: what is deployed, where, and what to
 * do on a bad day. It has nothing in it that changes unless a disk or a setting does, no time and no node, so
 * that an update without changes stays one.
 *
 * @param volumes - By storage.
 * @param homepage - Where the files of this repository can be read; without it they are named and not linked.
 *     Defaults to that of package.json.
 */
export function stackReadme(
    stack: string,
    storages: readonly Pick<StorageConfig, "name" | "args">[],
    volumes: Readonly<Record<string, readonly VolumeRecord[]>>,
    homepage: string | undefined = ownHomepage(),
): string {
    const made = storages.map(({ name, args }) => ({ name, args, volumes: volumes[name] ?? [] }));
    const zones = [...new Set(made.flatMap((one) => one.volumes.map(({ zone }) => zone)))].sort();
    const all = made.flatMap((one) => one.volumes);
    const cluster = plain(storages[0]?.args.clusterName ?? "");
    const kept = all.flatMap(({ keptVolumeIds }) => keptVolumeIds);
    return [
        `# ${escaped(stack)}`,
        `${counted(all.length, "disk")} of the cluster ${escaped(cluster)} in ${counted(zones.length, "zone")}.`,
        table(["storage", "disks", "volume", "deletion policy", "protected", "backup"], made.map(storageRow)),
        "## Zones",
        table(
            ["zone", ...made.map(({ name }) => `ordinals of ${name}`)],
            zones.map((zone) => [zone, ...made.map((one) => ordinals(one, zone))]),
        ),
        diagram(cluster, zones, made),
        ...(kept.length === 0 ? [] : [`${counted(kept.length, "old volume")} kept since a move.`]),
        "## On a bad day",
        "`npx zonal-persistent-storage doctor` says what is in the way of a disk, `npx zonal-persistent-storage map` draws where the disks are.",
        runbooks.map((title) => `- ${link(title, homepage)}`).join("\n"),
        "",
    ].join("\n\n");
}

function storageRow({ name, args, volumes }: Made): string[] {
    const { sizeGiB, type, encrypted } = settingsOf(args.volume);
    const { deletionPolicy = DeletionPolicy.Retain, protect = true, backup } = args;
    const hasOthers = args.overrides !== undefined && Object.keys(args.overrides).length > 0;
    const facts = [`${plain(sizeGiB)} GiB`, plain(type), plain(encrypted) ? "encrypted" : "not encrypted"];
    return [
        name,
        String(volumes.length),
        facts.join(", ") + (hasOthers ? ", overridden for some" : ""),
        deletionPolicy,
        protect ? "yes" : "no",
        backup ? `every ${plain(backup.intervalHours ?? 24)} h` : "none",
    ];
}

/** A component's input as config has it: never an output of another resource. */
function plain<T extends string | number | boolean>(input: Input<T>): T {
    return input as T;
}

/** Ordinals of a storage in a zone, with ranges for what follows one another: 0, 2, 4 to 6. */
function ordinals({ volumes }: Made, zone: string): string {
    const here = volumes.filter((volume) => volume.zone === zone).map(({ ordinal }) => ordinal);
    const ranges = here
        .sort((a, b) => a - b)
        .reduce<[number, number][]>((before, ordinal) => {
            const last = before.at(-1);
            return last && last[1] === ordinal - 1
                ? [...before.slice(0, -1), [last[0], ordinal]]
                : [...before, [ordinal, ordinal]];
        }, []);
    return ranges
        .map(([first, last]) =>
            first === last ? `${first}` : last === first + 1 ? `${first}, ${last}` : `${first} to ${last}`,
        )
        .join(", ");
}

/** As large as there are zones and storages, however many disks there are. */
function diagram(cluster: string, zones: readonly string[], made: readonly Made[]): string {
    const zone = (name: string, index: number) => [
        `    subgraph zone${index}["${inMermaid(name)}"]`,
        ...made.flatMap((one, number) => {
            const count = one.volumes.filter((volume) => volume.zone === name).length;
            return count === 0
                ? []
                : [`        disks${index}x${number}[("${inMermaid(one.name)}: ${counted(count, "disk")}")]`];
        }),
        "    end",
        `    cluster --- zone${index}`,
    ];
    return [
        "```mermaid",
        "flowchart TB",
        `    cluster(["${inMermaid(cluster)}"])`,
        ...zones.flatMap(zone),
        "```",
    ].join("\n");
}

function link(title: string, homepage: string | undefined): string {
    const file = "docs/runbooks.md";
    return homepage === undefined
        ? `${title}: \`${file}\``
        : `[${title}](${homepage.replace(/\/$/, "")}/${file}#${title.toLowerCase().replaceAll(" ", "-")})`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
    return markdownTable(
        header.map(escaped),
        rows.map((cells) => cells.map(escaped)),
    );
}

/** Zones come from AWS, names from the config: none of them is Markdown or HTML. */
function escaped(text: string): string {
    return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|&~#!]/g, "\\$&");
}

/** Mermaid has entities of its own. */
function inMermaid(text: string): string {
    return text.replace(/[^\p{L}\p{N} ._/-]/gu, (character) => `#${character.codePointAt(0)};`);
}

function counted(count: number, noun: string): string {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function ownHomepage(): string | undefined {
    const manifest = readFileSync(join(__dirname, "..", "package.json"), "utf8");
    return (JSON.parse(manifest) as { homepage?: string }).homepage;
}

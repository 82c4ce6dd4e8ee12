import { markdownTable } from "../../program/markdownTable";
import { readSettings } from "./settings";
import type { Setting, SettingsGroup } from "./settings";
import { named, readSurface, undocumented } from "./surface";
import type { Exported, Member } from "./surface";

/**
 * The text of docs/settings.md, from the doc comments of the library and of the program's config.
 *
 * @throws Error that lists what has no doc comment.
 */
export function settingsPage(): string {
    const surface = readSurface();
    const missing = undocumented(surface);
    if (missing.length > 0) {
        throw new Error(`doc comments are missing: ${missing.join(", ")}`);
    }
    const values = surface.filter(({ kind }) => kind === "values");
    const component = named(surface, "ZonalPersistentStorage");
    const record = named(surface, "VolumeRecord");
    return `# Settings

Every setting of a stack's config, which is also every argument of the component: both have the same names. \`npm run docs\` makes this page from the doc comments in \`components/args\` and \`program/config.ts\`, and the table \`components/schema/volumeTable.ts\`.

In the config, settings are below \`zonal-persistent-storage:cluster\` and \`zonal-persistent-storage:storages\`; the [README](../README.md#on-a-real-account) has an example. All settings are checked before anything is created, and all errors are listed at once, each with its path. A rule that depends on a wrong value, such as the limits of an unknown type, comes once that is right.

\`\`\`
error: the stack's config can't be used:
  - storages.jenkins.count must be a whole number between 1 and 10000, got 0
  - storages.jenkins.volume.sizeGiB must be between 1 and 65536 for type gp3, got 0
\`\`\`

The limits of each volume type are in [volume-limits.md](volume-limits.md). The settings that can be secret are in [environments.md](environments.md#secret-settings).

The column "later changes" says what \`pulumi up\` does when you change a setting of something that exists:

| later changes | meaning |
| --- | --- |
| can change | the change is made in place |
| new volumes only | existing volumes stay as they are |
| new object | the PersistentVolume or StorageClass is deleted and created again, and claims in use have to be deleted first; the volume and its data stay |
| fixed | what exists keeps its value, and another one is refused; a [move](backups.md#moving-a-disk) makes a new volume with other settings |

"Plain" settings decide which resources there are, what they are called, or what the engine does with them, before any other resource is known. In a program they can't be outputs of other resources; all other settings can.

${readSettings().map(group).join("\n\n")}

## Values

${values.map(valuesSection).join("\n\n")}

## In a program

${paragraphs(component.text)}

\`\`\`typescript
new ZonalPersistentStorage(name: string, args: ZonalPersistentStorageArgs, opts?: ComponentResourceOptions)
\`\`\`

${component.example}

The arguments are the settings of a storage, and the cluster's: \`clusterName\` (\`cluster.name\` in the config), \`region\`, \`nodes\` and \`zones\`. Other languages have the same names in their own way: Python has \`cluster_name\`. [consumers.md](consumers.md) has the package, options and upgrades.

${markdownTable(["output", "type", "meaning"], component.members.map(outputRow))}

### VolumeRecord

${paragraphs(record.text)}

${markdownTable(["property", "type", "meaning"], record.members.map(outputRow))}
`;
}

function group({ title, text, settings }: SettingsGroup): string {
    const heading = ["setting", "meaning", "type", "unit", "default", "later changes"];
    return [`## ${title}`, paragraphs(text), markdownTable(heading, settings.map(settingRow))].join("\n\n");
}

function settingRow(setting: Setting): string[] {
    return [
        `\`${setting.path}\``,
        line(setting.text),
        setting.isPlain ? `${setting.type}, plain` : setting.type,
        setting.unit ?? "",
        line(setting.default),
        setting.afterCreation,
    ];
}

function valuesSection({ name, text, members }: Exported): string {
    return [`### ${name}`, paragraphs(text), markdownTable(["value", "meaning"], members.map(valueRow))].join(
        "\n\n",
    );
}

function valueRow({ name, type, text }: Member): string[] {
    const value = type.replaceAll('"', "");
    return [value === name ? `\`${value}\`` : `\`${value}\` (\`${name}\` in a program)`, line(text)];
}

function outputRow({ name, type, text }: Member): string[] {
    return [`\`${name}\``, `\`${type}\``, line(text)];
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

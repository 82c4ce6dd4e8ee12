import { volumeSettings } from "../../components/schema/volumeTable";
import { named, readInterface, readSurface } from "./surface";
import type { Member } from "./surface";

/** A setting of a storage or of the cluster, as the page of settings shows it. */
export interface Setting {
    /** Dotted, as messages have it: `volume.sizeGiB`. */
    readonly path: string;
    readonly type: string;
    /** Whether it can't be an output of another resource. */
    readonly isPlain: boolean;
    readonly unit: string | undefined;
    readonly default: string;
    readonly afterCreation: AfterCreation;
    readonly text: string;
}

/** The effect of a change on existing resources. */
export type AfterCreation = "can change" | "fixed" | "new volumes only" | "new object";

/** Settings of one level of the config. */
export interface SettingsGroup {
    readonly title: string;
    readonly text: string;
    readonly settings: readonly Setting[];
}

/** Groups of settings: where they are in the config, and the interface that describes them. */
const groups: readonly { title: string; interface: string; prefix: string; more?: string }[] = [
    { title: "Volumes", interface: "VolumeArgs", prefix: "volume." },
    {
        title: "Another storage's snapshots",
        interface: "VolumeSourceArgs",
        prefix: "volume.from.",
        more: "[How to start from another storage's data](backups.md#start-from-another-storages-data).",
    },
    {
        title: "Copies of another storage's volumes",
        interface: "VolumeCopyArgs",
        prefix: "volume.copyOf.",
        more: "[How to copy another storage's volumes](backups.md#copy-another-storages-volumes).",
    },
    {
        title: "Overrides",
        interface: "OverrideArgs",
        prefix: "overrides.<n>.",
        more: "`<n>` is the ordinal. An override can have all settings of [volume](#volumes), too.",
    },
    {
        title: "Moves",
        interface: "MoveArgs",
        prefix: "overrides.<n>.moves.<i>.",
        more: "[How to move a disk](backups.md#moving-a-disk).",
    },
    {
        title: "Backups",
        interface: "BackupArgs",
        prefix: "backup.",
        more: "Without `backup` no snapshots are taken. [How backups work](backups.md).",
    },
    { title: "Copies of backups", interface: "BackupCopyArgs", prefix: "backup.copies.<i>." },
    { title: "PersistentVolumes", interface: "PersistentVolumeArgs", prefix: "persistentVolume." },
    { title: "StorageClass", interface: "StorageClassArgs", prefix: "storageClass." },
    {
        title: "Claims",
        interface: "ClaimsArgs",
        prefix: "claims.",
        more: "[How to use claims](claims.md).",
    },
    {
        title: "StorageClass for dynamic provisioning",
        interface: "DynamicStorageClassArgs",
        prefix: "dynamicStorageClass.",
    },
];

/** Where settings are looked for: a storage may have these of its own. */
const ofCluster = ["clusterName", "region", "nodes", "zones"];

/** Settings of which the doc comment doesn't say what a later change does. */
const exceptions: Readonly<Record<string, AfterCreation>> = {
    name: "new object",
    region: "fixed",
    zones: "new volumes only",
    "nodes.*": "new volumes only",
    placement: "new volumes only",
    zoneByOrdinal: "new volumes only",
    alongside: "new volumes only",
    "volume.from": "new volumes only",
    "volume.from.*": "new volumes only",
    "volume.copyOf": "new volumes only",
    "volume.copyOf.*": "new volumes only",
    "overrides.<n>.sourceVolumeId": "new volumes only",
    "overrides.<n>.zone": "fixed",
    "overrides.<n>.persistentVolumeName": "fixed",
    "overrides.<n>.moves.<i>.zone": "fixed",
    "overrides.<n>.moves.<i>.snapshotId": "fixed",
    "overrides.<n>.moves.<i>.encrypted": "fixed",
    "overrides.<n>.moves.<i>.kmsKeyId": "fixed",
    "overrides.<n>.moves.<i>.from": "new volumes only",
    "persistentVolume.namePrefix": "new object",
    "persistentVolume.ordinalDigits": "new object",
    "persistentVolume.fsType": "new object",
    "persistentVolume.csiDriver": "new object",
    "persistentVolume.zoneLabel": "new object",
    "persistentVolume.volumeMode": "fixed",
    "storageClass.name": "new object",
    "dynamicStorageClass.name": "new object",
};

/** Changes of a volume's settings, in the words of the page. */
const changes = { modified: "can change", rejected: "fixed", ignored: "new volumes only" } as const;

/** Units by the end of a setting's name, of those that aren't a volume's. */
const units: Readonly<Record<string, string>> = { Hours: "hours", Days: "days" };

/** All settings of the config: the cluster's, a storage's, and those of each part of a storage. */
export function readSettings(): SettingsGroup[] {
    const surface = readSurface();
    const find = (name: string) => named(surface, name);
    const own = find("ZonalPersistentStorageArgs");
    const parts = groups.map((group) => group.interface);
    const isLeaf = ({ type }: Member) => ![...parts, "NodesArgs"].some((part) => type === part);
    const cluster = own.members.filter(({ name }) => ofCluster.includes(name)).filter(isLeaf);
    const storage = own.members.filter(({ name }) => !ofCluster.includes(name)).filter(isLeaf);
    const program = (name: string, members: readonly string[]) =>
        readInterface("program/config", name)
            .members.filter((one) => members.includes(one.name))
            .map((one) => ({ ...setting("", { ...one, required: false }), isPlain: false }));
    const nodes = find("NodesArgs");
    const found = [
        {
            title: "Cluster",
            text: "`cluster` says which cluster, and which instances are its [nodes](nodes.md). An instance is a node if it runs and all settings below `nodes` are true of it. A storage can have `region`, `nodes` and `zones` of its own.",
            settings: [
                ...cluster.map((one) => setting("", one)),
                ...nodes.members.map((one) => setting("nodes.", one)),
            ],
        },
        {
            title: "Access to the cluster",
            text: "`kubeconfig` and `context` are beside `cluster` and `storages`, in the config only: in a program of your own, give the component a provider. [More about them](environments.md#the-cluster).",
            settings: program("ClusterAccess", ["kubeconfig", "context"]),
        },
        {
            title: "Storages",
            text: "`storages` is a map. Each key is the name of a storage (the component's name in a program), each value its settings. `alongside` ([several templates](claims.md#several-templates)) and `aliases` ([renaming](volumes.md#rename-a-storage)) are in the config only: in a program, use `zoneByOrdinal` and the option `aliases`.",
            settings: [
                ...storage.filter(({ required }) => required).map((one) => setting("", one)),
                ...storage.filter(({ required }) => !required).map((one) => setting("", one)),
                ...program("StorageConfig", ["alongside", "aliases"]),
            ],
        },
        ...groups.map((group) => {
            const { text, members, extends: bases } = find(group.interface);
            // An override has the settings of a volume, too: the page lists them once.
            const inherited =
                group.interface === "VolumeArgs" ? bases.flatMap((base) => find(base).members) : [];
            return {
                title: group.title,
                text: group.more === undefined ? text : `${text}\n\n${group.more}`,
                settings: [...members, ...inherited].map((member) => setting(group.prefix, member)),
            };
        }),
    ];
    const paths = found.flatMap(({ settings }) => settings.map(({ path }) => path));
    const stale = Object.keys(exceptions).filter((key) => !paths.some((path) => matches(key, path)));
    if (stale.length > 0) {
        throw new Error(`no setting is called ${stale.join(", ")}`);
    }
    return found;
}

function setting(prefix: string, { name, type, required, text, default: preset }: Member): Setting {
    const path = `${prefix}${name === "clusterName" ? "name" : name}`;
    const isFixed = /can't be changed on an existing/i.test(text.replace(/\s+/g, " "));
    const [, exception] = Object.entries(exceptions).find(([key]) => matches(key, path)) ?? [];
    return {
        path,
        type: typeInWords(type),
        isPlain: !type.startsWith("Input<"),
        unit: Object.entries(units).find(([end]) => name.endsWith(end))?.[1],
        default: required ? "required" : presetInWords(preset),
        afterCreation: exception ?? (isFixed ? "fixed" : "can change"),
        // Why a setting is plain is said once for all of them.
        text: text.replace(/\s+Plain,\s+since\s[^.]*\./, ""),
        ...ofTable(path),
    };
}

/** The same of a volume's setting, from the table of them. */
function ofTable(path: string): Partial<Setting> {
    const row = volumeSettings.find(({ name }) => path.endsWith(`.${name}`));
    if (row === undefined || !/^(volume|overrides\.<n>)\.\w+$/.test(path)) {
        return {};
    }
    return { unit: row.unit, afterCreation: changes[row.change] };
}

/** A literal is shown as one writes it in YAML. */
function presetInWords(preset: string | undefined): string {
    if (preset === undefined) {
        return "none";
    }
    return preset.startsWith("- ") ? preset.slice(2) : `\`${preset.replace(/["[\]]/g, "")}\``;
}

function matches(key: string, path: string): boolean {
    return key.endsWith(".*") ? path.startsWith(key.slice(0, -1)) : key === path;
}

/** A type of TypeScript as one says it: `Input<Input<string>[]>` is a list of strings. */
function typeInWords(type: string): string {
    const bare = type
        .replace(/^readonly /, "")
        .replace(/\bInput<(\w+)>/g, "$1")
        .replace(/^Input<(.*)>$/, "$1");
    if (bare !== type) {
        return typeInWords(bare);
    }
    const [, item] = /^(\w+)\[\]$/.exec(bare) ?? [];
    const [, value] = /^Record<string, (\w+)>$/.exec(bare) ?? [];
    const plural = (one: string) => (/Args$/.test(one) ? "entries" : `${one}s`);
    if (item !== undefined) {
        return `list of ${plural(item)}`;
    }
    if (value !== undefined) {
        return `map of ${plural(value)}`;
    }
    if (/Args$/.test(bare)) {
        return "map of settings";
    }
    return /^[A-Z]/.test(bare) ? `[${bare}](#${bare.toLowerCase()})` : bare;
}

import { volumeSettings } from "../../components/schema/volumeTable";

/** A setting of volumes, for a table of settings. */
export interface VolumeRow {
    /** Its path below a storage. */
    readonly setting: string;
    readonly unit: string;
    readonly default: string;
    /** How a change ends for a volume that exists. */
    readonly change: string;
}

const changes = {
    modified: "changed in place",
    rejected: "fixed once the volume exists",
    ignored: "counts when the volume is created",
} as const;

/** The settings of volumes, from the table that the library goes by. */
export function volumeRows(): VolumeRow[] {
    return volumeSettings.map(({ name, unit = "", change, ...row }) => ({
        setting: `volume.${name}`,
        unit,
        default: row.defaultInWords ?? String(row.default),
        change: changes[change],
    }));
}

import { counted } from "../terminal/counted";
import type { Line } from "../terminal/answer";
import { table } from "../terminal/table";
import type { ExistingDisk } from "./existingDisk";
import { settingsByName } from "./plannedStorages";
import type { PlannedStorage } from "./plannedStorages";
import { yamlOf } from "./yamlText";

/** The disks, and for each one what changes and what stays unlike the disks that a storage makes. */
export function describeDisks(disks: readonly ExistingDisk[], usesOnly: boolean): Line[] {
    const rows = disks.map((disk) => ({
        persistentVolume: disk.name,
        zone: disk.zone,
        volume: disk.volumeId,
        claim: disk.claim ? `${disk.claim.namespace}/${disk.claim.name}` : "-",
        pods: disk.pods.join(",") || "-",
        changes: changesOf(disk, usesOnly),
        stays: peculiaritiesOf(disk).join(", ") || "-",
    }));
    return [
        { heading: `${counted(disks.length, "disk")} to adopt` },
        ...table(rows)
            .split("\n")
            .map((line) => `    ${line}`),
    ];
}

/** The settings of the new storages, as the stack's settings file has them. */
export function describeSettings(storages: readonly PlannedStorage[], file: string | undefined): Line[] {
    const text = yamlOf(settingsByName(storages), 4).trimEnd();
    const place = file === undefined ? "args of the component, by name" : `storages in ${file}`;
    return [{ heading: place }, ...text.split("\n").map((line) => `    ${line}`)];
}

function changesOf({ reclaimPolicy, isReleased }: ExistingDisk, usesOnly: boolean): string {
    const policy = reclaimPolicy === "Retain" ? [] : [`reclaim policy ${reclaimPolicy} to Retain`];
    const phase = isReleased ? ["Released to Available"] : [];
    return [...policy, ...phase, "labels", ...(usesOnly ? [] : ["tags of the volume"])].join(", ");
}

/** Settings that stay as they are, and that a new disk wouldn't have. */
function peculiaritiesOf({ settings, shape }: ExistingDisk): string[] {
    const { fsType = "ext4", accessModes } = shape;
    return [
        ...(settings.encrypted === false ? ["unencrypted"] : []),
        ...(settings.type === "gp3" ? [] : [`type ${settings.type}`]),
        ...(shape.className === "" ? ["no class"] : []),
        ...(shape.volumeMode === "Block" ? ["Block"] : []),
        ...(accessModes.join() === "ReadWriteOnce" ? [] : accessModes),
        ...(shape.volumeMode === "Block" || ["", "ext4"].includes(fsType) ? [] : [fsType]),
        ...(settings.multiAttachEnabled ? ["Multi-Attach"] : []),
    ];
}

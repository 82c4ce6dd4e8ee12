import type { MoveArgs } from "../args/moveArgs";
import type { OverrideArgs, VolumeArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { volumeSettings, volumeTable } from "../schema/volumeTable";
import type { VolumeSettingName } from "../schema/volumeTable";

/** Settings that every volume has. */
export const defaultSettings = {
    type: volumeTable.type.default,
    encrypted: volumeTable.encrypted.default,
} as const;

/** Settings of a volume with the defaults filled in. */
export type DiskSettings = Omit<VolumeArgs, "tags" | "from" | "copyOf"> &
    Required<Pick<VolumeArgs, keyof typeof defaultSettings>>;

/** Settings of one ordinal's volume: the storage's with the ordinal's own on top. */
export function settingsOf(
    volume: VolumeArgs,
    {
        zone: _zone,
        sourceVolumeId,
        volumeId: _volumeId,
        persistentVolumeName: _name,
        lostVolumeId: _lost,
        moves: _moves,
        ...own
    }: OverrideArgs = {},
): DiskSettings {
    return { ...defaultSettings, ...inherited(volume, { ...own, sourceVolumeId }), ...own };
}

/** Settings of a volume that a move makes: those of the one before, and the move's encryption on top. */
export function movedSettings(
    before: DiskSettings,
    { kmsKeyId, encrypted = kmsKeyId === undefined ? before.encrypted : true }: MoveArgs,
    volume: VolumeArgs,
): DiskSettings {
    const key = kmsKeyId ?? before.kmsKeyId ?? (encrypted === false ? undefined : volume.kmsKeyId);
    return { ...before, encrypted, ...(key !== undefined && { kmsKeyId: key }) };
}

/** The storage's settings without those that an ordinal's own leave behind. */
export function inherited<S extends { readonly [K in VolumeSettingName]?: unknown }>(
    volume: S,
    own: { readonly type?: unknown; readonly encrypted?: unknown; readonly sourceVolumeId?: unknown },
): S {
    const left = { ...volume };
    for (const { name, followsType } of volumeSettings) {
        const ofOtherType = followsType && own.type !== undefined;
        const withoutUse =
            (name === "kmsKeyId" && own.encrypted === false) ||
            (name === "snapshotId" && own.sourceVolumeId !== undefined);
        if (ofOtherType || withoutUse) {
            Reflect.deleteProperty(left, name);
        }
    }
    return left;
}

/** Whether the cluster's own controllers change a setting of existing volumes, by its name in EC2. */
export function isManagedByCluster(
    { managedByCluster = [] }: Pick<ZonalPersistentStorageArgs, "managedByCluster">,
    setting: string,
): boolean {
    return managedByCluster.some((one) => one === setting);
}

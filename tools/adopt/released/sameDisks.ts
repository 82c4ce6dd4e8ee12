import { CsiDriver } from "../../../components/args/persistentVolumeArgs";
import type { ZonalPersistentStorageArgs } from "../../../components/args/storageArgs";
import { disksOf } from "../../../components/plan/disks";
import { readStorages } from "../../../program/config";
import type { ExistingDisk } from "../existingDisk";
import type { PlannedStorage } from "../plannedStorages";

const project = "settings";

/**
 * Why the settings of storages would make other PersistentVolumes than the disks had.
 *
 * @param known - Names of storages that the stack has already.
 * @throws Error that lists everything that is wrong with the settings.
 */
export function settingsProblems(
    storages: readonly PlannedStorage[],
    clusterName: string,
    region: string,
    known: readonly string[],
): string[] {
    const all = Object.fromEntries(
        storages.map(({ name, settings }) => {
            const { alongside, ...others } = settings;
            const isKnown = typeof alongside === "string" && known.includes(alongside);
            return [name, isKnown ? others : settings];
        }),
    );
    const config = {
        [`${project}:cluster`]: JSON.stringify({ name: clusterName }),
        [`${project}:storages`]: JSON.stringify(all),
        "aws:region": region,
    };
    const byName = new Map(readStorages(project, config).map(({ name, args }) => [name, args]));
    return storages.flatMap(({ name, disks }) => {
        const args = byName.get(name);
        return args ? storageProblems(name, args, disks) : [];
    });
}

function storageProblems(
    name: string,
    args: ZonalPersistentStorageArgs,
    disks: PlannedStorage["disks"],
): string[] {
    const planned = disksOf(name, args);
    if (planned.length !== disks.size || !planned.every(({ ordinal }) => disks.has(ordinal))) {
        return [
            `storage ${name} has settings for ${planned.length} disks, and the file has ${disks.size}: correct count and start in the file`,
        ];
    }
    const { namespace = "default" } = args.claims ?? {};
    return planned.flatMap(({ ordinal, claimName }) => {
        const disk = disks.get(ordinal);
        return disk ? diskProblems(`storage ${name}`, disk, args, namespace, claimName) : [];
    });
}

function diskProblems(
    subject: string,
    { name, claim, shape }: ExistingDisk,
    { persistentVolume = {} }: ZonalPersistentStorageArgs,
    namespace: unknown,
    claimName: string | undefined,
): string[] {
    const had = claim && `${claim.namespace}/${claim.name}`;
    const gets = claimName === undefined ? undefined : `${String(namespace)}/${claimName}`;
    const isBlock = shape.volumeMode === "Block";
    const compared: [string, unknown, unknown][] = [
        ["csiDriver", shape.csiDriver, persistentVolume.csiDriver ?? CsiDriver.ebs],
        ["volumeMode", shape.volumeMode, persistentVolume.volumeMode ?? "Filesystem"],
        [
            "fsType",
            isBlock ? undefined : shape.fsType || "ext4",
            isBlock ? undefined : (persistentVolume.fsType ?? "ext4"),
        ],
    ];
    return [
        ...(had === undefined || had === gets
            ? []
            : [
                  `PersistentVolume ${name} was for claim ${had}, and by the settings of ${subject} it is for ${gets ?? "any claim of its class"}: correct claims in the file`,
              ]),
        ...compared
            .filter(([, is, becomes]) => is !== becomes)
            .map(
                ([setting, is, becomes]) =>
                    `PersistentVolume ${name} had ${setting} ${String(is)}, and ${subject} makes it with ${String(becomes)}: a storage of its own with persistentVolume.${setting} can have it, if that is a value of the setting`,
            ),
    ];
}

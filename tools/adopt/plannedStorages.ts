import { gp3Baseline } from "../../components/validation/volumeLimits";
import { compareNames } from "../inspect/order";
import type { DiskShape, ExistingDisk, ExistingSettings } from "./existingDisk";
import { memberOf } from "./statefulSets";
import type { ClaimOwner, Member } from "./statefulSets";

/** A storage to be added to the stack, with disks that exist. */
export interface PlannedStorage {
    readonly name: string;
    /** Its settings, as they are written into the stack's settings file. */
    readonly settings: Readonly<Record<string, unknown>>;
    /** The disks by ordinal. */
    readonly disks: ReadonlyMap<number, ExistingDisk>;
}

/** Facts beside the disks that decide on their storages. */
export interface Surroundings {
    readonly owners: readonly ClaimOwner[];
    /** Names of the cluster's StorageClasses. */
    readonly classes: readonly string[];
    /** Names that storages of the stack have. */
    readonly takenNames: readonly string[];
    /** Name to give to the storage, if there is one only. */
    readonly name?: string;
    /** Whether the volumes stay outside of the stack, which only uses them. */
    readonly usesOnly: boolean;
}

interface Group {
    readonly base: string;
    readonly shape: DiskShape;
    readonly members: readonly { readonly disk: ExistingDisk; readonly member?: Member }[];
}

/**
 * Storages for disks: one for each claim template of a StatefulSet, others by namespace, and one for each combination of
 * the settings that a storage's PersistentVolumes share.
 *
 * @throws Error if a name is given and there is more than one storage.
 */
export function plannedStorages(
    disks: readonly ExistingDisk[],
    surroundings: Surroundings,
): PlannedStorage[] {
    const groups = groupsOf(disks, surroundings.owners);
    const { name, takenNames } = surroundings;
    if (name !== undefined && groups.length > 1) {
        const names = groups.map(({ base }) => base).join(", ");
        throw new Error(
            `--storage must be left out: the disks need ${groups.length} storages, for ${names}; choose fewer disks to name their storage`,
        );
    }
    const taken = new Set(takenNames);
    if (name !== undefined && taken.has(name)) {
        throw new Error(`--storage must be a new name, the stack has a storage "${name}"`);
    }
    return groups.map((group) => {
        const free = name ?? freeName(group.base, taken);
        taken.add(free);
        return storageOf(free, group, surroundings);
    });
}

function groupsOf(disks: readonly ExistingDisk[], owners: readonly ClaimOwner[]): Group[] {
    const groups = new Map<string, { base: string; shape: DiskShape; members: Group["members"][number][] }>();
    for (const disk of disks) {
        const member = memberOf(disk.claim, owners);
        const { shape, claim } = disk;
        const base = member
            ? `${member.template}-${member.statefulSet}`
            : shape.className || claim?.namespace || "disks";
        const key = JSON.stringify([base, member?.namespace ?? claim?.namespace, shape]);
        const group = groups.get(key) ?? { base, shape, members: [] };
        group.members.push({ disk, member });
        groups.set(key, group);
    }
    return [...groups.values()];
}

function storageOf(name: string, group: Group, surroundings: Surroundings): PlannedStorage {
    const { classes, usesOnly } = surroundings;
    const { start, disks, claims } = numbered(group.members);
    const common = commonSettings([...disks.values()].map(({ settings }) => settings));
    const { className, csiDriver, fsType, volumeMode, accessMode, mountOptions } = group.shape;
    const isBlock = volumeMode === "Block";
    const persistentVolume = {
        ...(csiDriver !== "ebs.csi.aws.com" && { csiDriver }),
        ...(isBlock && { volumeMode }),
        ...(!isBlock && ["ext3", "xfs"].includes(fsType ?? "") && { fsType }),
        ...(accessMode !== "ReadWriteOnce" && { accessModes: [accessMode] }),
        ...(!isBlock && mountOptions.length > 0 && { mountOptions }),
    };
    const storageClass =
        className === ""
            ? undefined
            : { name: className, ...(classes.includes(className) && { create: false }) };
    const settings = {
        ...(start > 0 && { start }),
        count: disks.size,
        volume: common,
        ...(Object.keys(persistentVolume).length > 0 && { persistentVolume }),
        ...(storageClass && { storageClass }),
        ...(claims && { claims }),
        overrides: Object.fromEntries(
            [...disks].map(([ordinal, disk]) => [
                String(ordinal),
                {
                    persistentVolumeName: disk.name,
                    ...(usesOnly ? { volumeId: disk.volumeId } : ownSettings(disk, common)),
                },
            ]),
        ),
    };
    return { name, settings, disks };
}

/** The ordinals of disks: those of their pods where none is missing, otherwise by the claims' names. */
function numbered(members: Group["members"]) {
    const byOrdinal = [...members].sort((a, b) => (a.member?.ordinal ?? 0) - (b.member?.ordinal ?? 0));
    const [{ member: first, disk: firstDisk }] = byOrdinal as [Group["members"][number]];
    const start = first?.ordinal ?? 0;
    const isComplete = first && byOrdinal.every(({ member }, index) => member?.ordinal === start + index);
    if (isComplete) {
        const { namespace, statefulSet, template } = first;
        const disks = new Map(byOrdinal.map(({ disk }, index) => [start + index, disk]));
        return { start, disks, claims: { ...inNamespace(namespace), statefulSet, template } };
    }
    const byName = [...members].map(({ disk }) => disk).sort((a, b) => compareNames(labelOf(a), labelOf(b)));
    const names = byName.flatMap(({ claim }) => claim?.name ?? []);
    return {
        start: 0,
        disks: new Map(byName.map((disk, index) => [index, disk])),
        claims:
            names.length === byName.length
                ? { ...inNamespace(firstDisk.claim?.namespace), names }
                : undefined,
    };
}

/** The name that people know a disk by: provisioners call PersistentVolumes after the claims' uids. */
function labelOf({ claim, name }: ExistingDisk): string {
    return claim && /^pvc-[0-9a-f-]{36}$/.test(name) ? claim.name : name;
}

function inNamespace(namespace = "default") {
    return namespace === "default" ? {} : { namespace };
}

/** The settings that most volumes have. A new disk of the storage is encrypted, whatever those are. */
function commonSettings(all: readonly ExistingSettings[]): Omit<ExistingSettings, "encrypted"> {
    const counts = new Map<string, number>();
    all.forEach(({ encrypted: _, ...settings }) => {
        const key = JSON.stringify(settings);
        counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    const [[most] = ["{}"]] = [...counts].sort(([, a], [, b]) => b - a);
    return JSON.parse(most) as Omit<ExistingSettings, "encrypted">;
}

/** Values of the settings that {@link ExistingSettings} leaves out. */
const leftOut = { ...gp3Baseline, multiAttachEnabled: false };

/** The settings in which a volume differs from the storage's: an override of `type` leaves those of the type behind. */
function ownSettings({ settings, tags }: ExistingDisk, common: Omit<ExistingSettings, "encrypted">): object {
    const inherited = settings.type === common.type ? { ...common } : { sizeGiB: common.sizeGiB };
    const missing = Object.fromEntries(
        Object.entries(leftOut).filter(([key]) => key in inherited && !(key in settings)),
    );
    const differing = Object.entries({ ...missing, ...settings }).filter(
        ([key, value]) => inherited[key as keyof typeof inherited] !== value,
    );
    return { ...Object.fromEntries(differing), ...(Object.keys(tags).length > 0 && { tags }) };
}

/** A storage's name: short enough that the names of PersistentVolumes made from it are valid. */
function freeName(base: string, taken: ReadonlySet<string>): string {
    const name =
        base
            .toLowerCase()
            .replace(/[^a-z0-9-]+/g, "-")
            .replace(/^-+/, "")
            .slice(0, 50) || "disks";
    for (let number = 1; ; number++) {
        const candidate = number === 1 ? name : `${name}-${number}`;
        if (!taken.has(candidate)) {
            return candidate;
        }
    }
}

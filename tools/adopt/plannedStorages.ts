import { argsSchema } from "../../components/schema/argsSchema";
import { parseArgs } from "../../components/validation/argsRules";
import { formatProblem } from "../../components/validation/problems";
import { gp3Baseline } from "../../components/validation/volumeLimits";
import { compareNames } from "../inspect/order";
import type { ExistingDisk, ExistingSettings } from "./existingDisk";
import { persistentVolumeSettings } from "./persistentVolumeSettings";
import { memberOf } from "./statefulSets";
import type { ClaimOwner, Member } from "./statefulSets";

/** The names of PersistentVolumes are made from it, of at most 63 characters. */
const maxNameLength = 50;

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
    readonly className: string;
    /** The setting `persistentVolume`. */
    readonly persistentVolume: object;
    readonly members: { readonly disk: ExistingDisk; readonly member?: Member }[];
}

/**
 * Storages for disks: one for each claim template of a StatefulSet, others by class or namespace, and one for each
 * combination of the settings that a storage's PersistentVolumes share.
 *
 * @throws Error if a name is given that can't be given, or a disk has what no storage can have.
 */
export function plannedStorages(
    disks: readonly ExistingDisk[],
    surroundings: Surroundings,
): PlannedStorage[] {
    const groups = groupsOf(disks, surroundings.owners);
    const { name, takenNames, classes, usesOnly } = surroundings;
    if (name !== undefined && groups.length > 1) {
        const names = groups.map(({ base }) => base).join(", ");
        throw new Error(
            `--storage must be left out: the disks need ${groups.length} storages, for ${names}; choose fewer disks to name their storage`,
        );
    }
    if (name !== undefined && (!/^[a-z0-9][-a-z0-9]*$/.test(name) || name.length > maxNameLength)) {
        throw new Error(
            `--storage must consist of lower case letters, digits and hyphens, at most ${maxNameLength}, got ${JSON.stringify(name)}`,
        );
    }
    const taken = new Set(takenNames);
    if (name !== undefined && taken.has(name)) {
        throw new Error(`--storage must be a new name, the stack has a storage "${name}"`);
    }
    const knownClasses = new Set(classes);
    const storages = groups.map((group) => {
        // Without a class of its own it makes one of its name.
        const reserved = group.className === "" ? new Set([...taken, ...knownClasses]) : taken;
        const free = name ?? freeName(group.base, reserved);
        const storage = storageOf(free, group, knownClasses, usesOnly);
        taken.add(free);
        knownClasses.add(group.className || free);
        return storage;
    });
    refuseUnusable(storages);
    return storages;
}

/** Refuses settings that the component would refuse once the stack has them. */
function refuseUnusable(storages: readonly PlannedStorage[]): void {
    const lines = storages.flatMap(({ name, settings }) => {
        // The cluster is the stack's, and its name is checked there.
        const { problems = [] } = parseArgs(argsSchema, name, { clusterName: "cluster", ...settings });
        return problems.map((problem) => formatProblem(problem, ["storages", name]));
    });
    if (lines.length > 0) {
        throw new Error(
            `no storage can have all of these disks as they are, and nothing was changed: leave them out, or try --use-only\n${lines.map((line) => `  - ${line}`).join("\n")}`,
        );
    }
}

function groupsOf(disks: readonly ExistingDisk[], owners: readonly ClaimOwner[]): Group[] {
    const groups = new Map<string, Group>();
    for (const disk of disks) {
        const { claim, shape } = disk;
        const { className } = shape;
        const member = memberOf(claim, owners);
        const base = member
            ? `${member.template}-${member.statefulSet}`
            : className || claim?.namespace || "disks";
        const persistentVolume = persistentVolumeSettings(disk);
        const key = JSON.stringify([base, claim?.namespace, className, persistentVolume]);
        const group = groups.get(key) ?? { base, className, persistentVolume, members: [] };
        group.members.push({ disk, member });
        groups.set(key, group);
    }
    return [...groups.values()];
}

function storageOf(
    name: string,
    { className, persistentVolume: shared, members }: Group,
    knownClasses: ReadonlySet<string>,
    usesOnly: boolean,
): PlannedStorage {
    const { start, disks, claims } = numbered(members);
    const common = commonSettings([...disks.values()].map(volumeSettings));
    const labels = commonLabels([...disks.values()]);
    const persistentVolume = { ...(Object.keys(labels).length > 0 && { labels }), ...shared };
    const storageClass =
        className === ""
            ? undefined
            : { name: className, ...(knownClasses.has(className) && { create: false }) };
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

/** The labels that all PersistentVolumes have, which new ones get too. */
function commonLabels(disks: readonly ExistingDisk[]): Record<string, string> {
    const [first, ...others] = disks.map(({ labels }) => Object.entries(labels));
    const isEverywhere = ([key, value]: readonly [string, string]) =>
        others.every((labels) => labels.some(([other, its]) => other === key && its === value));
    return Object.fromEntries((first ?? []).filter(isEverywhere));
}

/** Multi-Attach is for block devices; a volume with a file system keeps it, and no new one gets it. */
function volumeSettings({ settings, shape }: ExistingDisk): ExistingSettings {
    const { multiAttachEnabled, ...others } = settings;
    return shape.volumeMode === "Block" && multiAttachEnabled ? settings : others;
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
function ownSettings(disk: ExistingDisk, common: Omit<ExistingSettings, "encrypted">): object {
    const settings = volumeSettings(disk);
    const { tags } = disk;
    const inherited = settings.type === common.type ? { ...common } : { sizeGiB: common.sizeGiB };
    const missing = Object.fromEntries(
        Object.entries(leftOut).filter(([key]) => key in inherited && !(key in settings)),
    );
    const differing = Object.entries({ ...missing, ...settings }).filter(
        ([key, value]) => inherited[key as keyof typeof inherited] !== value,
    );
    return { ...Object.fromEntries(differing), ...(Object.keys(tags).length > 0 && { tags }) };
}

/** A storage's name: valid, and no other's. */
function freeName(base: string, taken: ReadonlySet<string>): string {
    const name =
        base
            .toLowerCase()
            .replace(/[^a-z0-9-]+/g, "-")
            .replace(/^-+/, "")
            .slice(0, maxNameLength) || "disks";
    for (let number = 1; ; number++) {
        const candidate = number === 1 ? name : `${name}-${number}`;
        if (!taken.has(candidate)) {
            return candidate;
        }
    }
}

/** The settings of storages by name, as the stack's settings file has them. */
export function settingsByName(storages: readonly PlannedStorage[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(storages.map(({ name, settings }) => [name, settings]));
}

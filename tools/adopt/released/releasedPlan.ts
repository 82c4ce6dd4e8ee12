import type { Volume } from "@aws-sdk/client-ec2";
import type { Clients } from "../../inspect/clients";
import { describeVolumes, withEc2 } from "../../inspect/ec2";
import type { Inventory } from "../../inspect/inventory";
import { refuse } from "../../terminal/confirm";
import { ownCommand } from "../../terminal/ownCommand";
import { existingDisk } from "../existingDisk";
import type { ExistingDisk } from "../existingDisk";
import type { PlannedStorage } from "../plannedStorages";
import type { SettledSettings } from "../stackFile";
import type { World } from "../world";
import { tagChange } from "./clusterTags";
import { readHandOver } from "./handOverFile";
import type { HandedStorage, HandOver } from "./handOverFile";
import { isHere, obstacleOf, zoneWarnings } from "./obstacles";
import { releasedSettings } from "./releasedSettings";
import { settingsProblems } from "./sameDisks";
import { attachedProblem, attachmentsOf } from "./takeover";
import type { Takeover } from "./takeover";

/** The disks of a file, and the storages that they become. */
export interface ReleasedPlan {
    readonly disks: readonly ExistingDisk[];
    /** Storages that the program doesn't have yet. */
    readonly storages: readonly PlannedStorage[];
    readonly takeover: Takeover;
}

/**
 * Decides how this cluster takes over the disks of a file.
 *
 * @param known - Names of the PersistentVolumes that the program has.
 * @throws Error that lists every reason why it can't.
 */
export async function releasedPlan(
    path: string,
    { inventory, classes, stackFile }: World,
    known: readonly string[],
    clients: Clients,
): Promise<ReleasedPlan> {
    const handOver = await readHandOver(path);
    const to = clusterOf(inventory);
    const interrupted = (inventory.state?.interrupted ?? []).filter((one) => one.startsWith("creating "));
    refuse(
        interrupted.length > 0
            ? `an update of the stack was interrupted while ${interrupted.join(", ")}: run ${ownCommand("recover")}, then this again`
            : undefined,
    );
    const region = inventory.ec2?.region ?? "";
    refuse(
        region !== handOver.region
            ? `the disks are in region ${handOver.region}, and this stack's is ${region}: a volume can't change its region; its snapshots can be copied`
            : undefined,
    );
    const handed = handOver.storages.flatMap(({ disks }) => disks);
    const ids = handed.map(({ persistentVolume }) => persistentVolume.spec.csi.volumeHandle);
    const found = await withEc2(clients, region, (client) => describeVolumes(client, "volume-id", ids));
    const volumes = new Map(
        found
            .filter(({ State }) => State !== "deleting" && State !== "deleted")
            .map((volume) => [volume.VolumeId ?? "", volume]),
    );
    const volumeOf = (one: HandedStorage["disks"][number]) =>
        volumes.get(one.persistentVolume.spec.csi.volumeHandle);
    const coming = handed.filter(({ persistentVolume }) => !isHere(persistentVolume, inventory));
    refuseAll([
        ...handed.flatMap((one) => {
            const obstacle = obstacleOf(one.persistentVolume, volumeOf(one), handOver, to, inventory);
            return obstacle === undefined ? [] : [`PersistentVolume ${obstacle}`];
        }),
    ]);
    refuse(attachedProblem(attachmentsOf(coming.flatMap((one) => volumeOf(one) ?? [])), handOver.cluster));

    const planned = handOver.storages.map((storage) => {
        const { settings, settled } = releasedSettings(storage, volumes, classes);
        const disks = new Map(
            storage.disks.map((one) => [one.ordinal, diskOf(one, volumeOf(one), inventory)]),
        );
        return { name: storage.name, settings, disks, settled };
    });
    const taken = new Set([
        ...(stackFile?.storageNames ?? []),
        ...(inventory.state?.storages ?? []).map(({ name }) => name),
    ]);
    const isOurs = ({ name, disks }: PlannedStorage) => {
        const names = [...disks.values()].map((disk) => disk.name);
        const managed = (inventory.state?.volumes ?? []).flatMap(({ storage, volumeId }) =>
            storage?.name === name ? [volumeId] : [],
        );
        const volumeIds = [...managed, ...(stackFile?.usedVolumesOf(name) ?? [])];
        return (
            names.every((one) => known.includes(one)) ||
            [...disks.values()].some(({ volumeId }) => volumeIds.includes(volumeId))
        );
    };
    const storages = planned.filter((storage) => !isOurs(storage));
    refuseAll([
        ...storages
            .filter(({ name }) => taken.has(name))
            .map(({ name }) => `the stack has a storage "${name}" of its own: rename it`),
        ...(storages.length > 0 ? settingsProblems(storages, to, region, stackFile?.storageNames ?? []) : []),
    ]);
    const disks = planned.flatMap((storage) => [...storage.disks.values()]);
    return {
        disks,
        storages,
        takeover: takeoverOf(handOver, to, region, disks, planned, volumes, inventory),
    };
}

function takeoverOf(
    handOver: HandOver,
    to: string,
    region: string,
    disks: readonly ExistingDisk[],
    planned: readonly (PlannedStorage & { readonly settled: SettledSettings })[],
    volumes: ReadonlyMap<string, Volume>,
    inventory: Inventory,
): Takeover {
    const changeOf = (disk: ExistingDisk) => {
        const volume = volumes.get(disk.volumeId);
        return volume && tagChange(disk, volume, handOver.cluster, to);
    };
    const absent = new Set(
        handOver.storages
            .flatMap((storage) => storage.disks)
            .filter(({ persistentVolume }) => !isHere(persistentVolume, inventory))
            .map(({ persistentVolume }) => persistentVolume.metadata.name),
    );
    const inState = new Set((inventory.state?.persistentVolumes ?? []).map(({ name }) => name));
    return {
        from: handOver.cluster,
        to,
        region,
        absent,
        tagChanges: disks.flatMap((disk) => changeOf(disk) ?? []),
        settled: new Map(
            planned.map(({ name, disks, settled: { ownNames, createsClaims } }) => {
                // A PersistentVolume that exists and isn't in the state is adopted as it is, with its claim.
                const made = ownNames.filter((ordinal) => {
                    const named = disks.get(Number(ordinal))?.name ?? "";
                    return absent.has(named) || inState.has(named);
                });
                const isAll = made.length === ownNames.length;
                return [name, { ownNames: made, createsClaims: createsClaims && isAll }];
            }),
        ),
        warnings: zoneWarnings([...volumes.values()], inventory),
    };
}

function clusterOf({ clusterNames }: Inventory): string {
    const [name, ...others] = clusterNames;
    if (name === undefined || others.length > 0) {
        throw new Error("the cluster's name in the tags of its volumes isn't known: give --cluster <name>");
    }
    return name;
}

function diskOf(
    { persistentVolume }: HandedStorage["disks"][number],
    volume: Volume | undefined,
    inventory: Inventory,
): ExistingDisk {
    const spec = { ...persistentVolume.spec, persistentVolumeReclaimPolicy: "Retain" };
    return existingDisk({ ...persistentVolume, spec }, volume ?? {}, inventory);
}

function refuseAll(problems: readonly string[]): void {
    refuse(
        problems.length > 0
            ? `nothing was done:\n${problems.map((line) => `  ${line}`).join("\n")}`
            : undefined,
    );
}

import type { Volume } from "@aws-sdk/client-ec2";
import { persistentVolumeName } from "../../../components/plan/disks";
import { isMap } from "../../../components/schema/schemaParts";
import type { SettledSettings } from "../stackFile";
import type { HandedStorage } from "./handOverFile";

type Settings = Readonly<Record<string, unknown>>;

/** A storage's settings for the stack that takes it over. */
export interface ReleasedSettings {
    readonly settings: Settings;
    readonly settled: SettledSettings;
}

/**
 * The settings of a storage for the stack that takes it over: as they were, without the past of its disks, which is the
 * former stack's. They name each PersistentVolume on a volume of the storage's own: the component then refuses to make
 * empty volumes before the disks are in the state. It refuses to make claims as well, until the names are gone.
 *
 * @param volumes - EC2's volumes by id.
 * @param classes - Names of the cluster's StorageClasses.
 */
export function releasedSettings(
    { name, settings, disks }: HandedStorage,
    volumes: ReadonlyMap<string, Volume>,
    classes: readonly string[],
): ReleasedSettings {
    const {
        aliases: _aliases,
        storageClass: _class,
        overrides: _overrides,
        claims: _claims,
        ...kept
    } = settings;
    const overrides = mapIn(settings, "overrides");
    // Its volumes come into the stack as ordinary ones, whatever they were made from.
    const { from: _from, copyOf: _copyOf, ...volume } = mapIn(settings, "volume");
    const named = disks.map(({ ordinal, persistentVolume: { metadata, spec } }) => {
        const override = mapIn(overrides, String(ordinal));
        return {
            ordinal: String(ordinal),
            name: metadata.name,
            isOwnName: metadata.name === ownName(name, settings, ordinal),
            // No empty volume can take the place of one that the settings name.
            isUsed: override["volumeId"] !== undefined,
            kept: withoutPast(override, volume, volumes.get(spec.csi.volumeHandle)),
        };
    });
    const temporary = named.filter(({ isOwnName, isUsed }) => isOwnName && !isUsed);
    const own = named.map((disk) => [
        disk.ordinal,
        { ...(!(disk.isOwnName && disk.isUsed) && { persistentVolumeName: disk.name }), ...disk.kept },
    ]);
    const storageClass = classSettings(name, settings, classes);
    const { create, ...claims } = claimSettings(settings, disks);
    const createsClaims = create === true && temporary.length > 0;
    const all = { ...claims, ...(create !== undefined && !createsClaims && { create }) };
    return {
        settings: {
            ...kept,
            volume,
            ...(Object.keys(storageClass).length > 0 && { storageClass }),
            ...(Object.keys(all).length > 0 && { claims: all }),
            overrides: { ...overrides, ...Object.fromEntries(own) },
        },
        settled: { ownNames: temporary.map(({ ordinal }) => ordinal), createsClaims },
    };
}

/** An override without the moves that were made, but with what they have left: size and snapshot of the volume. */
function withoutPast(override: Settings, ofStorage: Settings, volume: Volume | undefined): Settings {
    const {
        persistentVolumeName: _name,
        lostVolumeId: _lost,
        sourceVolumeId: _source,
        moves,
        zone,
        ...kept
    } = override;
    const isMoved = Array.isArray(moves) && moves.length > 0;
    const isOwn = override["volumeId"] === undefined;
    const size = override["sizeGiB"] ?? ofStorage["sizeGiB"];
    const snapshot = override["snapshotId"] ?? ofStorage["snapshotId"];
    return {
        ...kept,
        ...(zone !== undefined && !isMoved && { zone }),
        ...(isOwn && volume && volume.Size !== size && { sizeGiB: volume.Size }),
        ...(isOwn && isMoved && snapshot !== undefined && { snapshotId: volume?.SnapshotId }),
    };
}

/** The class, which the stack makes unless the cluster has one of the name. */
function classSettings(name: string, settings: Settings, classes: readonly string[]): Settings {
    const { create: _create, ...storageClass } = mapIn(settings, "storageClass");
    const { name: className = name } = storageClass;
    const exists = typeof className === "string" && classes.includes(className);
    return { ...storageClass, ...(exists && { create: false }) };
}

/**
 * The claims. Where the settings name none, each disk is for the claim that it was bound to: otherwise any claim of the
 * class would be bound to any of them.
 */
function claimSettings(settings: Settings, disks: HandedStorage["disks"]): Settings {
    const given = mapIn(settings, "claims");
    const claims = disks.flatMap(({ persistentVolume }) => persistentVolume.spec.claimRef ?? []);
    const [namespace = "default", ...others] = new Set(claims.map((one) => one.namespace ?? "default"));
    const isNamed = given["statefulSet"] !== undefined || given["names"] !== undefined;
    return isNamed || claims.length < disks.length || others.length > 0
        ? given
        : {
              ...given,
              ...(namespace !== "default" && { namespace }),
              names: claims.map((claim) => claim.name),
          };
}

/** Name of an ordinal's PersistentVolume without an override. */
function ownName(name: string, settings: Settings, ordinal: number): string {
    const { namePrefix, ordinalDigits } = mapIn(settings, "persistentVolume");
    const given = {
        ...(typeof namePrefix === "string" && { namePrefix }),
        ...(typeof ordinalDigits === "number" && { ordinalDigits }),
    };
    return persistentVolumeName(name, given, ordinal);
}

function mapIn(settings: Settings, key: string): Settings {
    const value = settings[key];
    return isMap(value) ? value : {};
}

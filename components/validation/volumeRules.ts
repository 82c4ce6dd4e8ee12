import { isDeferred } from "../args/deferred";
import { isCopy } from "../plan/disks";
import { defaultSettings, inherited } from "../plan/volumeSettings";
import type { ArgsFacts } from "../schema/argsSchema";
import { volumeSettings } from "../schema/volumeTable";
import { entriesIn, listIn, mapIn, ordinalsIn } from "./facts";
import { notAllowed } from "./problems";
import type { Problem } from "./problems";
import { volumeProblems } from "./volumeLimits";

type VolumeFacts = ReturnType<typeof volumeIn>;
type OverrideFacts = ReturnType<typeof overridesIn>[number][1];

/** How settings of volumes go together: the storage's, and those of each override with them. */
export function volumeRules(args: ArgsFacts): Problem[] {
    const volume = volumeIn(args);
    const modes = sharedModes(args);
    const ofStorage = limitProblems(["volume"], modes, volume);
    const ordinals = ordinalsIn(args);
    const keys = new Set(ordinals.map(String));
    const overrides = overridesIn(args).flatMap(([key, override]) => {
        const path = ["overrides", key];
        if (keys.size > 0 && !keys.has(key)) {
            const rule = `must belong to an ordinal of this storage, ${ordinals[0]} to ${ordinals.at(-1)}`;
            return [{ path, rule, got: override }];
        }
        const { volumeId, persistentVolumeName: _, ...settings } = override;
        return volumeId === undefined
            ? [
                  ...limitProblems(path, modes, volume, settings).filter(
                      (problem) => !isInherited(problem, settings, ofStorage),
                  ),
                  ...moveProblems([...path, "moves"], settings.moves),
              ]
            : notAllowed(path, settings, "can't be combined with volumeId");
    });
    const { snapshotId, from, copyOf } = volume;
    const sources = [
        ...(snapshotId === undefined
            ? []
            : notAllowed(["volume"], { from, copyOf }, "can't be combined with snapshotId")),
        ...(from === undefined ? [] : notAllowed(["volume"], { copyOf }, "can't be combined with from")),
    ];
    return [
        ...modes.problems,
        ...sources,
        ...deletionProblems(args),
        ...managedProblems(args),
        ...ofStorage,
        ...overrides,
        ...sharedVolumes(args),
    ];
}

/**
 * The AWS provider takes no last snapshot of a copy (terraform-provider-aws, internal/service/ec2/ebs_volume_copy.go, read
 * on 2026-11-27).
 */
function deletionProblems(args: ArgsFacts): Problem[] {
    const { deletionPolicy: got } = args;
    const isCopied =
        volumeIn(args).copyOf !== undefined ||
        overridesIn(args).some(([, { sourceVolumeId }]) => sourceVolumeId !== undefined);
    const rule =
        "must be Retain or Delete with volume.copyOf or sourceVolumeId, the AWS provider takes no last snapshot of a copy. " +
        "Volumes that start from snapshots, as volume.from has it, can have it";
    return got === "Snapshot" && isCopied ? [{ path: ["deletionPolicy"], rule, got }] : [];
}

/** IOPS and throughput of one type may be none of another. */
function managedProblems({ managedByCluster: got }: ArgsFacts): Problem[] {
    const managed = listIn(got);
    const rule = "must have iops and throughput beside type, they follow it";
    return managed.includes("type") && !(managed.includes("iops") && managed.includes("throughput"))
        ? [{ path: ["managedByCluster"], rule, got }]
        : [];
}

function volumeIn({ volume }: ArgsFacts) {
    return mapIn(volume);
}

function overridesIn({ overrides }: ArgsFacts) {
    return entriesIn(overrides);
}

/** Whether a problem with an ordinal's volume has been told of the storage's settings, and not come with its own. */
function isInherited({ path, rule }: Problem, own: OverrideFacts, ofStorage: readonly Problem[]): boolean {
    const name = path.at(-1);
    const isOwn = volumeSettings.some(
        (setting) =>
            setting.name === name &&
            (own[setting.name] !== undefined || (setting.followsType && own.type !== undefined)),
    );
    return !isOwn && ofStorage.some((problem) => problem.path.at(-1) === name && problem.rule === rule);
}

/** A snapshot has one source, and EC2 encrypts what comes from an encrypted one. */
function moveProblems(path: string[], moves: OverrideFacts["moves"]): Problem[] {
    return listIn(moves).flatMap(({ snapshotId, from, encrypted }, index) => [
        ...(snapshotId === undefined
            ? []
            : notAllowed([...path, String(index)], { from }, "can't be combined with snapshotId")),
        ...(encrypted === false
            ? notAllowed(
                  [...path, String(index)],
                  { encrypted },
                  "must be true or left out, EC2 makes no unencrypted volume from an encrypted one's snapshot",
              )
            : []),
    ]);
}

/** Whether several nodes use each volume at once, by the modes of the PersistentVolumes. */
function sharedModes({ persistentVolume }: ArgsFacts) {
    const { accessModes, volumeMode = "Filesystem" } = mapIn(persistentVolume);
    const isShared = Array.isArray(accessModes) && accessModes[0] === "ReadWriteMany";
    const rule = "must be Block for access mode ReadWriteMany, file systems on several nodes lose data";
    const problems: Problem[] =
        isShared && volumeMode === "Filesystem"
            ? [{ path: ["persistentVolume", "volumeMode"], rule, got: volumeMode }]
            : [];
    return { isShared, isBlock: volumeMode === "Block", problems };
}

function limitProblems(
    path: string[],
    { isShared, isBlock }: ReturnType<typeof sharedModes>,
    volume: VolumeFacts,
    override: OverrideFacts = {},
): Problem[] {
    const settings = { ...defaultSettings, ...inherited(volume, override), ...override };
    const {
        type,
        initializationRateMiBps,
        snapshotId,
        from,
        encrypted,
        kmsKeyId,
        multiAttachEnabled,
        moves,
    } = settings;
    const plain = {
        type: typeof type === "string" ? type : undefined,
        sizeGiB: plainNumber(settings.sizeGiB),
        iops: plainNumber(settings.iops),
        throughputMiBps: plainNumber(settings.throughputMiBps),
        multiAttachEnabled: settings.multiAttachEnabled === true,
    };
    const limits = volumeProblems(plain)
        .filter(({ setting }) => !isDeferred(settings[setting]))
        .map(({ setting, rule }) => ({ path: [...path, setting], rule, got: plain[setting] }));
    return [
        ...limits,
        ...(snapshotId === undefined && from === undefined && !moves
            ? notAllowed(path, { initializationRateMiBps }, "must be left out without snapshotId")
            : []),
        ...(override.sourceVolumeId === undefined
            ? []
            : notAllowed(path, { snapshotId: override.snapshotId }, "can't be combined with sourceVolumeId")),
        ...(multiAttachEnabled === true && isCopy(volume, override)
            ? notAllowed(
                  path,
                  { multiAttachEnabled },
                  "must be left out for a copy, the AWS provider makes none with Multi-Attach: volume.from can have it",
              )
            : []),
        ...(encrypted === false
            ? notAllowed(path, { kmsKeyId }, "must be left out where encrypted is false")
            : []),
        ...(multiAttachEnabled === true && !isBlock && !isShared
            ? notAllowed(
                  path,
                  { multiAttachEnabled },
                  "must be left out without persistentVolume.volumeMode Block",
              )
            : []),
        ...(isShared && (multiAttachEnabled ?? false) === false
            ? [
                  {
                      path: [...path, "multiAttachEnabled"],
                      rule: "must be true for access mode ReadWriteMany",
                      got: multiAttachEnabled,
                  },
              ]
            : []),
    ];
}

/** A number to check limits with; one that comes later limits nothing yet. */
function plainNumber(value: unknown): number | undefined {
    return isDeferred(value) ? Infinity : typeof value === "number" ? value : undefined;
}

/** An EBS volume can be the disk of one ordinal only. */
function sharedVolumes(args: ArgsFacts): Problem[] {
    const owners = new Map<string, string>();
    return overridesIn(args).flatMap(([ordinal, { volumeId: got }]) => {
        if (typeof got !== "string") {
            return [];
        }
        const owner = owners.get(got);
        owners.set(got, owner ?? ordinal);
        const path = ["overrides", ordinal, "volumeId"];
        return owner === undefined
            ? []
            : [{ path, rule: `must not be the volume of ordinal ${owner} too`, got }];
    });
}

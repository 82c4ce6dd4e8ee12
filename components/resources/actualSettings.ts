import { runtime } from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import type { Output } from "@pulumi/pulumi";
import type { OverrideArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import type { Disk } from "../plan/disks";
import { refuseProblems } from "../validation/problems";
import { whenKnown } from "../validation/secrets";
import { isManagedByCluster } from "../plan/volumeSettings";
import { isReservedTag } from "../plan/tags";
import { inAwsNames, outputsOf, volumeSettings } from "../schema/volumeTable";
import type { KnownSettings, VolumeOutputs, VolumeSettingName } from "../schema/volumeTable";
import { tagsOf } from "./ebsVolumeArgs";

/** A volume that is not as it is asked for. */
export interface Deviation {
    /** Whether only another volume could be as it is asked for. */
    readonly isFinal: boolean;
    readonly text: string;
}

/**
 * Holds the volume that a disk is on to what is asked for, by what EC2 has answered.
 *
 * @param warn - Told of what may pass.
 * @throws RunError, in the output, if the volume would have to be another one.
 */
export function checkActualSettings(
    args: ZonalPersistentStorageArgs,
    volume: Pick<aws.ebs.Volume, "id" | "tags" | "tagsAll"> & VolumeOutputs,
    disk: Disk,
    warn: (text: string) => void,
): Output<void> {
    const { id, tags, tagsAll } = volume;
    const { settings, move } = disk.current;
    const compared = volumeSettings.filter(
        ({ name, aws }) => name !== "tags" && settings[name] !== undefined && !isManagedByCluster(args, aws),
    );
    const values = {
        id,
        settings,
        actual: outputsOf(volume, compared),
        // A preview doesn't know what the provider will show.
        shown: runtime.isDryRun() ? undefined : { wanted: tagsOf(args, disk, false) ?? {}, tags, tagsAll },
    };
    return whenKnown(values, ({ id, actual, settings, shown }, hide) => {
        // A move has its own snapshot, and counts once.
        const snapshotId = move ? undefined : settings.snapshotId;
        const subject = `volume ${id} of ordinal ${disk.ordinal}`;
        const wanted = inAwsNames({ ...settings, snapshotId });
        const property = (setting: VolumeSettingName) => propertyOf(args, disk, setting);
        const found = deviations(subject, wanted, actual, property, move?.property);
        const final = found.filter(({ isFinal }) => isFinal).map(({ text }) => text);
        refuseProblems(`the volume of ordinal ${disk.ordinal} exists with other settings`, final);
        found.forEach(({ text }) => warn(hide(text)));
        (shown ? hiddenTags(subject, shown) : []).forEach((text) => warn(hide(text)));
    });
}

/** Tags of a volume: those that it is given, and those that the provider shows where it knows them. */
export interface VolumeTags {
    readonly wanted: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
    /** With the provider's default ones. */
    readonly tagsAll?: Readonly<Record<string, string>>;
}

/** A warning of tags that the provider doesn't show although the volume was given them; none where it shows all. */
export function hiddenTags(subject: string, { wanted, tags, tagsAll }: VolumeTags): string[] {
    if (tags === undefined) {
        return [];
    }
    const shown = { ...tagsAll, ...tags };
    const missing = Object.keys(wanted).filter((key) => shown[key] === undefined);
    // Keys of the user's may be secrets.
    const [own, others] = [missing.filter(isReservedTag), missing.filter((key) => !isReservedTag(key))];
    const hidden = [...own, ...(others.length === 0 ? [] : [`${others.length} of volume.tags`])];
    return hidden.length === 0
        ? []
        : [
              `${subject} is given tags that the AWS provider doesn't show, ${hidden.join(", ")}: every preview shows an ` +
                  "update of it. Take them out of the provider's ignoreTags: the EBS CSI driver's policies, backups and " +
                  "the stack itself go by the tags that the component sets",
          ];
}

/**
 * How a volume differs from what is asked for.
 *
 * @param subject - The volume, in words.
 * @param property - Where a setting is asked for.
 * @param move - The move that has made it, among the args.
 */
export function deviations(
    subject: string,
    wanted: KnownSettings,
    actual: KnownSettings,
    property: (setting: VolumeSettingName) => string,
    move?: string,
): Deviation[] {
    return [
        ...encryptionDeviations(subject, wanted, actual, property, move),
        ...fixedDeviations(subject, wanted, actual, property),
        ...modificationDeviations(subject, wanted, actual),
    ];
}

const wayOut = "a move of the disk to a new volume can change it";

function encryptionDeviations(
    subject: string,
    wanted: KnownSettings,
    actual: KnownSettings,
    property: (setting: VolumeSettingName) => string,
    move: string | undefined,
): Deviation[] {
    if (actual.encrypted === undefined || [undefined, actual.encrypted].includes(wanted.encrypted)) {
        return [];
    }
    return actual.encrypted
        ? [
              {
                  isFinal: false,
                  text:
                      `${subject} is encrypted although ${property("encrypted")} is false: the account encrypts by ` +
                      `default, or its snapshot is encrypted${move === undefined ? "" : `, or ${move} asked for it when it was made`}`,
              },
          ]
        : [
              {
                  isFinal: true,
                  text: `${property("encrypted")} must be false while ${subject} isn't encrypted: ${wayOut}, got true`,
              },
          ];
}

function fixedDeviations(
    subject: string,
    wanted: KnownSettings,
    actual: KnownSettings,
    property: (setting: VolumeSettingName) => string,
): Deviation[] {
    const others = volumeSettings.filter(({ change, name }) => change === "rejected" && name !== "encrypted");
    return others.flatMap(({ name, aws }) => {
        const [want, is] = [wanted[aws], actual[aws]];
        // Where it isn't encrypted there is no key to speak of, and that has been said.
        if (want === undefined || is === undefined || want === is || (name === "kmsKeyId" && is === "")) {
            return [];
        }
        const rule =
            is === ""
                ? `must be left out, ${subject} was created empty`
                : `must be ${plain(is)}, as ${subject} has it`;
        return [{ isFinal: true, text: `${property(name)} ${rule}: ${wayOut}, got ${JSON.stringify(want)}` }];
    });
}

/** The provider records a modification that EC2 refused as done, and finds out at the next update. */
function modificationDeviations(subject: string, wanted: KnownSettings, actual: KnownSettings): Deviation[] {
    const pending = volumeSettings.flatMap(({ name, aws, change }) => {
        const [want, is] = [wanted[aws], actual[aws]];
        const isCompared = change === "modified" && name !== "tags" && want !== undefined && is;
        return isCompared && want !== is ? [`${aws} ${plain(is)} instead of ${plain(want)}`] : [];
    });
    return pending.length === 0
        ? []
        : [
              {
                  isFinal: false,
                  text:
                      `${subject} still has ${pending.join(", ")}: EC2 has refused the modification or is not done with ` +
                      'it; "pulumi up --refresh" compares again and modifies what is left',
              },
          ];
}

function plain(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}

function propertyOf(args: ZonalPersistentStorageArgs, disk: Disk, setting: VolumeSettingName): string {
    const { ordinal, current, former } = disk;
    const override: OverrideArgs | undefined = args.overrides?.[ordinal];
    const move = [current, ...former.toReversed()]
        .map(({ move }) => move)
        .find((one) => one !== undefined && setting in one);
    if (move) {
        return `${move.property}.${setting}`;
    }
    return override?.[setting] === undefined ? `volume.${setting}` : `overrides.${ordinal}.${setting}`;
}

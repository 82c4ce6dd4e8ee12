import { all, output } from "@pulumi/pulumi";
import type { Input, InvokeOptions, Output, Resource } from "@pulumi/pulumi";
import type { OverrideArgs } from "../args/volumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { informOf } from "../engine/warnOf";
import { withoutDependencies } from "../engine/withoutDependencies";
import type { Past } from "../history/past";
import { firstVolume, persistentVolumeElsewhere } from "../plan/disks";
import type { Disk } from "../plan/disks";
import { refuseProblems } from "../validation/problems";
import { whenKnownOrFailed } from "../validation/secrets";
import type { WithFailure } from "../validation/secrets";
import { queryMadeFor, queryVolume, queryWithStatus } from "./awsQueries";
import type { QueriedVolume } from "./awsQueries";
import type { Zones } from "./zones";

/** The volume that another one is a copy of. */
export interface CopySource {
    readonly volumeId: string;
    /** Zone of both. */
    readonly zone: string;
}

/** The volumes that others are copies of. */
export interface CopySources {
    /** By the copy's ordinal. */
    readonly byOrdinal: Readonly<Record<number, CopySource>>;
}

/**
 * The volumes that new ones are copies of. Those that exist keep theirs: nothing is asked for them.
 *
 * Rules of EC2: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copying-volume.html (read on 2026-11-27). The
 * provider can't ask for another encryption or for Multi-Attach (@pulumi/aws 7.48.0, ebs/volumeCopy).
 *
 * @returns with a failure that lists all disks that can't be copies.
 */
export function findCopySources(
    args: ZonalPersistentStorageArgs,
    disks: readonly Disk[],
    past: Output<Past>,
    zones: Zones,
    component: Resource,
): Output<WithFailure<CopySources>> {
    const copies = disks.flatMap((disk) => {
        const first = firstVolume(disk);
        const override: OverrideArgs | undefined = args.overrides?.[disk.ordinal];
        return first?.isCopy
            ? [{ ordinal: disk.ordinal, settings: first.settings, sourceVolumeId: override?.sourceVolumeId }]
            : [];
    });
    const { region, volume } = args;
    const opts: InvokeOptions = { parent: component };
    return past.apply(({ recorded, failure }) => {
        const made: Record<number, CopySource> = {};
        for (const { ordinal } of copies) {
            const { sourceVolumeId, zone = "" } = recorded?.get(ordinal)?.volumes.get("") ?? {};
            if (sourceVolumeId !== undefined) {
                made[ordinal] = { volumeId: sourceVolumeId, zone };
            }
        }
        const added = failure === undefined ? copies.filter(({ ordinal }) => !made[ordinal]) : [];
        if (added.length === 0) {
            return output<WithFailure<CopySources>>({ byOrdinal: made });
        }
        const [requested, names] = [withoutDependencies(zones.requested), withoutDependencies(zones.names)];
        const values = { added, copyOf: volume.copyOf, region, requested, names };
        return whenKnownOrFailed(values, { byOrdinal: made }, async (known, hide) => {
            const { added, copyOf, region, requested, names } = known;
            const other = copyOf ?? { cluster: "", storage: "" };
            const named = await Promise.all(
                added.map(async (copy) => {
                    const { ordinal, sourceVolumeId } = copy;
                    const { name, subject } = persistentVolumeElsewhere(other, args, ordinal);
                    const ids = sourceVolumeId
                        ? [sourceVolumeId]
                        : await queryMadeFor(other.cluster, [name], region, opts);
                    return { wanted: { ...copy, subject, zone: requested[ordinal], zones: names }, ids };
                }),
            );
            const candidates = named.flatMap(({ ids }) => ids);
            const [inUse, available] = await Promise.all([
                queryWithStatus(candidates, "in-use", region, opts),
                queryWithStatus(candidates, "available", region, opts),
            ]);
            const found = await Promise.all(
                named.map(async ({ wanted, ids }): Promise<Found> => {
                    const { ordinal, sourceVolumeId, subject } = wanted;
                    const [id, ...others] = ids.length > 1 ? ids.filter((one) => inUse.includes(one)) : ids;
                    if (id === undefined || others.length > 0) {
                        return { ordinal, problems: [notOne(wanted, ids)] };
                    }
                    const source = await queryVolume(id, region, opts);
                    const isInUse = inUse.includes(id);
                    const isReady = isInUse || available.includes(id);
                    const problems = source ? problemsOf(wanted, source, isReady) : [notOne(wanted, [])];
                    const text =
                        `ordinal ${ordinal} is a copy of ${id}${sourceVolumeId ? "" : ` of ${subject}`}, as that is at the moment: in ` +
                        `${source?.availabilityZone}, ${source?.size} GiB, ${isInUse ? "in use" : "not in use"}`;
                    return { ordinal, problems, source, text: hide(text) };
                }),
            );
            const problems = [...found.flatMap((one) => one.problems), ...sharedSources(found)];
            refuseProblems("disks can't be copies of other disks", problems);
            found.forEach(({ text }) => text !== undefined && informOf(component, text));
            for (const { ordinal, source } of found) {
                if (source) {
                    made[ordinal] = { volumeId: source.volumeId, zone: source.availabilityZone };
                }
            }
            return { byOrdinal: made };
        });
    });
}

/**
 * Encryption and key of a copy that exists, in one call: the provider's resource has neither (@pulumi/aws 7.48.0,
 * ebs/volumeCopy).
 */
export function copyEncryption(
    id: Output<string>,
    region: Input<string> | undefined,
    opts: InvokeOptions,
): Output<Pick<QueriedVolume, "encrypted" | "kmsKeyId">> {
    return all([id, output(region)]).apply(async ([known, where]) => {
        const { encrypted, kmsKeyId } = (await queryVolume(known, where, opts)) ?? {};
        return { encrypted, kmsKeyId };
    });
}

/** A new copy: what it is to be, and of which disk. */
interface Wanted {
    readonly ordinal: number;
    readonly sourceVolumeId?: string;
    readonly settings: {
        readonly sizeGiB: number;
        readonly encrypted: boolean;
        readonly kmsKeyId?: string;
    };
    readonly subject: string;
    /** The zone that the args give it, if they do. */
    readonly zone?: { readonly zone: string; readonly property: string };
    /** Zones for new volumes. */
    readonly zones: readonly string[];
}

/** The volume that one is a copy of, or why it can't be. */
interface Found {
    readonly ordinal: number;
    readonly problems: readonly string[];
    readonly source?: QueriedVolume;
    /** The copy in words. */
    readonly text?: string;
}

function propertyOf({ ordinal, sourceVolumeId }: Wanted): string {
    return sourceVolumeId ? `overrides.${ordinal}.sourceVolumeId` : "volume.copyOf";
}

function notOne(wanted: Wanted, ids: readonly string[]): string {
    const { ordinal, sourceVolumeId, subject } = wanted;
    const property = propertyOf(wanted);
    if (sourceVolumeId) {
        return `${property} must be a volume of this account and region, got "${sourceVolumeId}"`;
    }
    return ids.length === 0
        ? `${property} must have a volume of ${subject}, for ordinal ${ordinal}: EC2 has none in this region and account. Make ` +
              `it first, or name another with overrides.${ordinal}.sourceVolumeId`
        : `${property} must have one volume of ${subject}, for ordinal ${ordinal}: EC2 has ${ids.join(", ")}, and not just one of ` +
              `them is in use. Name one with overrides.${ordinal}.sourceVolumeId`;
}

/** Why EC2, or the provider in its name, doesn't make a copy. */
function problemsOf(wanted: Wanted, source: QueriedVolume, isReady: boolean): string[] {
    const { ordinal, settings, zone, zones } = wanted;
    const { volumeId: id, availabilityZone, size, encrypted = false, kmsKeyId } = source;
    const otherwise =
        "Snapshots of it can be in another zone, and with another encryption: volume.from, overrides.<n>.snapshotId";
    const rules: readonly (string | false | undefined)[] = [
        !isReady && `${propertyOf(wanted)} must be a volume that is available or in use: ${id} is neither`,
        zone &&
            zone.zone !== availabilityZone &&
            `${zone.property} must be ${availabilityZone} or be left out, EC2 copies ${id} in its own zone, got "${zone.zone}". ${otherwise}`,
        !zone &&
            !zones.includes(availabilityZone) &&
            `${propertyOf(wanted)} must be of a volume in ${zones.join(", ")}, the storage's zones: EC2 copies ${id} in its own, ` +
                `${availabilityZone}. Set overrides.${ordinal}.zone to that if it is meant. ${otherwise}`,
        settings.sizeGiB < size &&
            `sizeGiB of ordinal ${ordinal} must be at least ${size}, as ${id} has it, got ${settings.sizeGiB}`,
        settings.encrypted &&
            !encrypted &&
            `encrypted must be false for ordinal ${ordinal}: ${id} isn't encrypted, and the AWS provider can't ask for a copy that is. ${otherwise}`,
        !settings.encrypted &&
            encrypted &&
            `encrypted must be true or be left out for ordinal ${ordinal}: ${id} is encrypted, and so are its copies`,
        settings.kmsKeyId !== undefined &&
            encrypted &&
            settings.kmsKeyId !== kmsKeyId &&
            `kmsKeyId must be ${kmsKeyId} for ordinal ${ordinal}, as ${id} has it, or be left out: a copy has the key of its source. ${otherwise}`,
    ];
    return rules.filter((rule) => typeof rule === "string");
}

/** "You can create only one volume copy from a source volume at a time." */
function sharedSources(found: readonly Found[]): string[] {
    return found.flatMap(({ ordinal, source }, index) => {
        const earlier = found
            .slice(0, index)
            .find((one) => source && one.source?.volumeId === source.volumeId);
        return earlier
            ? [
                  `overrides.${ordinal}.sourceVolumeId must not be that of ordinal ${earlier.ordinal}, ${source?.volumeId}, in the same ` +
                      "update: EC2 makes one copy of a volume at a time. Add one ordinal after the other",
              ]
            : [];
    });
}

import type * as aws from "@pulumi/aws";
import type { Output, Unwrap } from "@pulumi/pulumi";
import type { z } from "zod";
import { VolumeType } from "../args/volumeArgs";
import type { VolumeArgs } from "../args/volumeArgs";
import { kmsKey, snapshotId, tags } from "./awsValues";
import { flag, input, namesIn, number, oneOf, schemasIn, wholeNumber } from "./schemaParts";

/** All that the library has to know of a setting of volumes. Its meaning for users is in the interface VolumeSettings. */
interface Setting<T> {
    readonly schema: z.ZodType<T>;
    /** Name in the args and outputs of the EBS volume. */
    readonly aws: keyof aws.ebs.VolumeArgs & keyof aws.ebs.Volume;
    /** Name among the parameters of a dynamic StorageClass. */
    readonly parameter?: string;
    /** Whether it belongs to the type that it was given for: an override of `type` leaves it behind. */
    readonly followsType?: true;
    /**
     * How a change ends for a volume that exists: EC2 modifies the volume; it is rejected, since only another volume could
     * have it; or it is ignored.
     */
    readonly change: "modified" | "rejected" | "ignored";
    /**
     * Whether the engine keeps what its state has of it, by the value that is asked for.
     *
     * @default - it does unless EC2 modifies the volume
     */
    readonly isSettled?: (value: unknown) => boolean;
    /** Whether it can be a secret in the stack's config: it itself, or each value of the map. */
    readonly secret?: "value" | "values";
    /** The value that every volume has of it unless it is given. */
    readonly default?: string | boolean;
    /** For pages. */
    readonly unit?: string;
}

/**
 * The settings of volumes. The schema, the args of the EBS volume, what its resource ignores, the parameters of a
 * dynamic StorageClass, what an override inherits and the rows of pages are made from it.
 *
 * Parameters of a StorageClass: aws-ebs-csi-driver, docs/parameters.md at 429e202, read on 2026-11-27.
 */
export const volumeTable = {
    sizeGiB: {
        schema: input(number),
        aws: "size",
        change: "modified",
        unit: "GiB",
    },
    type: {
        schema: input(oneOf(Object.values(VolumeType))),
        aws: "type",
        parameter: "type",
        change: "modified",
        // EC2's own default is still gp2; gp3 is cheaper and at least as fast.
        default: VolumeType.gp3,
    },
    iops: {
        schema: input(number),
        aws: "iops",
        parameter: "iops",
        followsType: true,
        change: "modified",
        unit: "IOPS",
    },
    throughputMiBps: {
        schema: input(number),
        aws: "throughput",
        parameter: "throughput",
        followsType: true,
        change: "modified",
        unit: "MiB/s",
    },
    encrypted: {
        schema: input(flag),
        aws: "encrypted",
        parameter: "encrypted",
        change: "rejected",
        // Where the program says nothing of it to the provider the state must not count: it may be of a version that
        // said `encrypted: false`.
        isSettled: (value) => value !== false,
        default: true,
    },
    kmsKeyId: {
        schema: input(kmsKey),
        aws: "kmsKeyId",
        parameter: "kmsKeyId",
        change: "rejected",
        isSettled: (value) => value !== undefined,
        secret: "value",
    },
    snapshotId: {
        schema: input(snapshotId),
        aws: "snapshotId",
        change: "rejected",
    },
    initializationRateMiBps: {
        schema: input(wholeNumber(100, 300)),
        aws: "volumeInitializationRate",
        change: "ignored",
        unit: "MiB/s",
    },
    multiAttachEnabled: {
        schema: input(flag),
        aws: "multiAttachEnabled",
        followsType: true,
        change: "rejected",
    },
    tags: {
        schema: tags,
        aws: "tags",
        change: "modified",
        secret: "values",
    },
} as const satisfies {
    readonly [K in keyof Required<Omit<VolumeArgs, "from" | "copyOf">>]: Setting<NonNullable<VolumeArgs[K]>>;
};

/** Name of a setting of volumes. */
export type VolumeSettingName = keyof typeof volumeTable;

/** Name that the AWS provider has for one. */
type AwsName = (typeof volumeTable)[VolumeSettingName]["aws"];

/** A row of the table, with the columns that only some of them fill. */
interface Row extends Setting<unknown> {
    readonly name: VolumeSettingName;
    readonly aws: AwsName;
}

/** The rows of the table. */
export const volumeSettings: readonly Row[] = namesIn(volumeTable).map((name) => ({
    name,
    ...volumeTable[name],
}));

/** Their schemas, by name. */
export const volumeSchemas = schemasIn(volumeTable);

/** Settings under the names that the AWS provider has for them. */
type AwsSettings<S> = {
    [K in keyof S & VolumeSettingName as (typeof volumeTable)[K]["aws"]]: S[K];
};

/** The settings under the names that the AWS provider has for them. */
export function inAwsNames<S extends { readonly [K in VolumeSettingName]?: unknown }>(
    settings: S,
): AwsSettings<S> {
    const entries = volumeSettings.map(({ name, aws }) => [aws, settings[name]]);
    // The only thing that the compiler can't see: that the entries are those of the type.
    return Object.fromEntries(entries) as AwsSettings<S>;
}

/** Settings of volumes as EC2 has them; those that aren't known are left out. */
export type KnownSettings = Readonly<Partial<Unwrap<Pick<aws.ebs.Volume, AwsName>>>>;

/** Outputs of a volume that are settings of it: of a copy only some are known. */
export type VolumeOutputs = {
    readonly [K in AwsName]?: Output<Unwrap<aws.ebs.Volume[K]> | undefined>;
};

/** A volume's outputs of these settings. */
export function outputsOf(volume: VolumeOutputs, settings: readonly Row[]): VolumeOutputs {
    return Object.fromEntries(settings.map(({ aws: name }) => [name, volume[name]]));
}

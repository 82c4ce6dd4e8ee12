import type { VolumeType } from "../args/volumeArgs";

/** An inclusive range. */
export interface Range {
    readonly min: number;
    readonly max: number;
}

/** Limits of EC2 for one volume type. */
export interface VolumeTypeLimits {
    /** Size in GiB. */
    readonly sizeGiB: Range;
    /** Provisioned IOPS, where they can be set; `perGiB` is the most for each GiB of size. */
    readonly iops?: Range & { readonly perGiB: number; readonly required: boolean };
    /** Throughput in MiB/s, where it can be set; `perIops` is the most for each provisioned IOPS. */
    readonly throughputMiBps?: Range & { readonly perIops: number };
    /** Whether several instances can have it attached. */
    readonly multiAttach?: true;
}

/**
 * Limits of EC2's CreateVolume, read on 2026-11-27.
 *
 * Sizes, IOPS, throughput and Multi-Attach: EC2 API Reference, CreateVolume. IOPS per GiB: constants of
 * aws-ebs-csi-driver 429e202, pkg/cloud/cloud.go (1,000 of io2 also in the EBS User Guide, Provisioned IOPS SSD volumes;
 * both read on 2026-11-27). Throughput per IOPS: kops 268927e, validateAWSVolume.
 */
export const volumeLimits: Readonly<Record<VolumeType, VolumeTypeLimits>> = {
    gp3: {
        sizeGiB: { min: 1, max: 65536 },
        iops: { min: 3000, max: 80000, perGiB: 500, required: false },
        throughputMiBps: { min: 125, max: 2000, perIops: 0.25 },
    },
    gp2: { sizeGiB: { min: 1, max: 16384 } },
    io1: {
        sizeGiB: { min: 4, max: 16384 },
        iops: { min: 100, max: 64000, perGiB: 50, required: true },
        multiAttach: true,
    },
    io2: {
        sizeGiB: { min: 4, max: 65536 },
        iops: { min: 100, max: 256000, perGiB: 1000, required: true },
        multiAttach: true,
    },
    st1: { sizeGiB: { min: 125, max: 16384 } },
    sc1: { sizeGiB: { min: 125, max: 16384 } },
    standard: { sizeGiB: { min: 1, max: 1024 } },
};

/**
 * IOPS and throughput of a gp3 volume that doesn't ask for more. EC2 API Reference, CreateVolume, read on 2026-11-27.
 */
export const gp3Baseline = { iops: 3000, throughputMiBps: 125 } as const;

/** The widest range of sizes, for a volume whose type isn't known. */
const anySize: Range = { min: 1, max: 65536 };

/** A volume's settings as far as they are plain values. */
export interface PlainVolume {
    readonly type?: string;
    readonly sizeGiB?: number;
    readonly iops?: number;
    readonly throughputMiBps?: number;
    readonly multiAttachEnabled?: boolean;
}

/** A setting that breaks a rule. */
export interface VolumeProblem {
    readonly setting: "sizeGiB" | "iops" | "throughputMiBps" | "multiAttachEnabled";
    readonly rule: string;
}

/** Every limit of EC2 that a volume breaks. Settings that are undefined are not judged. */
export function volumeProblems(volume: PlainVolume): VolumeProblem[] {
    const { type } = volume;
    if (!isVolumeType(type)) {
        return outside("sizeGiB", volume.sizeGiB, anySize, "");
    }
    const limits = volumeLimits[type];
    const suffix = ` for type ${type}`;
    return [
        ...outside("sizeGiB", volume.sizeGiB, limits.sizeGiB, suffix),
        ...iopsProblems(volume, limits.iops, suffix),
        ...throughputProblems(volume, limits, suffix),
        ...(volume.multiAttachEnabled && !limits.multiAttach
            ? [{ setting: "multiAttachEnabled" as const, rule: `must be left out${suffix}` }]
            : []),
    ];
}

function isVolumeType(type: string | undefined): type is VolumeType {
    return type !== undefined && Object.hasOwn(volumeLimits, type);
}

function iopsProblems(
    { sizeGiB = Infinity, iops }: PlainVolume,
    limits: VolumeTypeLimits["iops"],
    suffix: string,
): VolumeProblem[] {
    const setting = "iops";
    if (!limits) {
        return iops === undefined ? [] : [{ setting, rule: `must be left out${suffix}` }];
    }
    if (iops === undefined) {
        return limits.required ? [{ setting, rule: between(limits, suffix) }] : [];
    }
    const most = Math.max(limits.min, sizeGiB * limits.perGiB);
    if (isWithin(iops, limits) && iops > most) {
        return [{ setting, rule: `must be at most ${most}, ${limits.perGiB} for each GiB,${suffix}` }];
    }
    return outside(setting, iops, limits, suffix);
}

function throughputProblems(
    { iops, throughputMiBps }: PlainVolume,
    { iops: iopsLimits, throughputMiBps: limits }: VolumeTypeLimits,
    suffix: string,
): VolumeProblem[] {
    const setting = "throughputMiBps";
    if (throughputMiBps === undefined) {
        return [];
    }
    if (!limits) {
        return [{ setting, rule: `must be left out${suffix}` }];
    }
    const most = Math.max(limits.min, (iops ?? iopsLimits?.min ?? Infinity) * limits.perIops);
    if (isWithin(throughputMiBps, limits) && throughputMiBps > most) {
        return [
            { setting, rule: `must be at most ${most}, ${limits.perIops} for each of the IOPS,${suffix}` },
        ];
    }
    return outside(setting, throughputMiBps, limits, suffix);
}

function outside(
    setting: VolumeProblem["setting"],
    value: number | undefined,
    range: Range,
    suffix: string,
): VolumeProblem[] {
    if (value === undefined || isWithin(value, range)) {
        return [];
    }
    const rule = between(range, suffix);
    return [{ setting, rule: Number.isInteger(value) ? rule : `${rule}, a whole number` }];
}

function between({ min, max }: Range, suffix: string): string {
    return `must be between ${min} and ${max}${suffix}`;
}

function isWithin(value: number, { min, max }: Range): boolean {
    return Number.isInteger(value) && value >= min && value <= max;
}

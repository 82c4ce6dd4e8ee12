import { z } from "zod";
import { CsiDriver } from "../args/persistentVolumeArgs";
import { DeletionPolicy } from "../args/deletionPolicy";
import { VolumeType } from "../args/volumeArgs";
import type { ClaimsArgs } from "../args/claimsArgs";
import type { DynamicStorageClassArgs, StorageClassArgs } from "../args/storageClassArgs";
import type { OverrideArgs, VolumeArgs } from "../args/volumeArgs";
import type { PersistentVolumeArgs } from "../args/persistentVolumeArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import {
    annotationKeys,
    dnsLabel,
    dnsSubdomain,
    labelKeys,
    labelValue,
    maxAnnotationBytes,
    namespaceRule,
    objectNameRule,
} from "./kubernetesNames";
import { NodesPreset } from "../args/nodesArgs";
import type { NodesArgs, NodesFilterArgs } from "../args/nodesArgs";
import { Placement } from "../args/placement";
import type { BackupArgs } from "../args/backupArgs";
import { MoveFrom, PreviousVolume } from "../args/moveArgs";
import type { MoveArgs } from "../args/moveArgs";
import type { Problem } from "./problems";
import { flag, input, mapOf, number, object, oneOf, text, wholeNumber } from "./schemaParts";

/**
 * More volumes than any storage has, so that a slip of the finger can't ask for millions. EC2's default
 * quota is 50 TiB of gp3 in a region.
 */
export const maxCount = 10_000;

/** Digits of the largest ordinal. */
export const maxDigits = 5;

const textMap = input(mapOf(input(z.string({ error: "must be text" })), "must be a map of texts"));

/** Tags that the user may set. How many there may be depends on where they come together: see tagRules. */
const tags = input(
    mapOf(
        input(text("must be text of at most 256 characters", /^.{0,256}$/s)),
        "must be a map of texts",
    ).refine((map) => Object.keys(map).every((key) => key.length > 0 && key.length <= 127), {
        error: "must have keys of 1 to 127 characters",
    }),
);

/** The case of their keys doesn't matter, but for that they are qualified names. */
const annotations = input(
    mapOf(input(z.string({ error: "must be text" })), "must be a map of texts", annotationKeys).refine(
        (map) => {
            const texts = Object.entries(map)
                .flat()
                .filter((one) => typeof one === "string");
            return Buffer.byteLength(texts.join("")) <= maxAnnotationBytes;
        },
        { error: "must be at most 256 KiB with the keys" },
    ),
);

const labels = input(
    mapOf(
        input(text("must be a label: at most 63 letters, digits, hyphens, dots, underscores", labelValue)),
        "must be a map of texts",
        labelKeys,
    ),
);

const accessModes = z
    .array(input(oneOf(["ReadWriteOnce", "ReadWriteOncePod"])), { error: "must be a list of access modes" })
    .length(1, { error: "must be one access mode, ReadWriteOnce or ReadWriteOncePod" });

const zone = text(
    "must be the name or the id of an availability zone such as eu-west-1a or euw1-az1",
    /^[a-z]{2,}\d*(-[a-z0-9]+)+$/,
);

const region = text("must be the name of a region such as eu-west-1", /^[a-z]{2,}(-[a-z]+)+-\d+$/);

const zones = z
    .array(input(zone), { error: "must be a list of availability zones" })
    .min(1, { error: "must name at least one availability zone" })
    .refine((list) => new Set(list).size === list.length, { error: "must name each zone once" });

const snapshotId = text("must be a snapshot's id such as snap-0123456789abcdef0", /^snap-[0-9a-f]+$/);

const kmsKey = text("must be the ARN of a KMS key", /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/.+$/);

const volumeSettings = {
    type: input(oneOf(Object.values(VolumeType))).optional(),
    iops: input(number).optional(),
    throughputMiBps: input(number).optional(),
    encrypted: input(flag).optional(),
    kmsKeyId: input(kmsKey).optional(),
    snapshotId: input(snapshotId).optional(),
    initializationRateMiBps: input(wholeNumber(100, 300)).optional(),
    tags: tags.optional(),
};

const volumeId = text("must be a volume's id such as vol-0123456789abcdef0", /^vol-[0-9a-f]+$/);

const volume: z.ZodType<VolumeArgs> = object({ ...volumeSettings, sizeGiB: input(number) });

const move: z.ZodType<MoveArgs> = object({
    zone: input(zone).optional(),
    snapshotId: input(snapshotId).optional(),
    from: oneOf(Object.values(MoveFrom)).optional(),
    previous: oneOf(Object.values(PreviousVolume)).optional(),
});

const backup: z.ZodType<BackupArgs> = object({
    roleArn: input(text("must be the ARN of a role", /^arn:[a-z-]+:iam::\d{12}:role\/.+$/)),
    intervalHours: input(
        z.union(
            [1, 2, 3, 4, 6, 8, 12, 24].map((hours) => z.literal(hours)),
            {
                error: "must be 1, 2, 3, 4, 6, 8, 12 or 24",
            },
        ),
    ).optional(),
    startTime: input(text("must be a time of day such as 03:00", /^([01]\d|2[0-3]):[0-5]\d$/)).optional(),
    keep: input(wholeNumber(1, 1000)).optional(),
    copies: input(
        z
            .array(
                input(
                    object({
                        region: input(region),
                        keepDays: input(wholeNumber(1, 36_500)),
                        kmsKeyId: input(kmsKey).optional(),
                    }),
                ),
                { error: "must be a list of copies" },
            )
            .max(3, { error: "must be at most three copies" }),
    ).optional(),
    tags: tags.optional(),
});

const override: z.ZodType<OverrideArgs> = object({
    ...volumeSettings,
    sizeGiB: input(number).optional(),
    zone: input(zone).optional(),
    moves: z.array(move, { error: "must be a list of moves" }).optional(),
    volumeId: input(volumeId).optional(),
    lostVolumeId: volumeId.optional(),
});

const persistentVolume: z.ZodType<PersistentVolumeArgs> = object({
    namePrefix: z.string({ error: "must be text" }).optional(),
    ordinalDigits: wholeNumber(1, maxDigits).optional(),
    labels: labels.optional(),
    annotations: annotations.optional(),
    fsType: input(oneOf(["ext4", "ext3", "xfs"])).optional(),
    accessModes: input(accessModes).optional(),
    mountOptions: input(
        z.array(input(text("must be text", /./)), { error: "must be a list of texts" }),
    ).optional(),
    volumeMode: oneOf(["Filesystem", "Block"]).optional(),
    csiDriver: oneOf(Object.values(CsiDriver)).optional(),
});

const objectName = text(objectNameRule, dnsSubdomain);

const namespace = text(namespaceRule, dnsLabel);

const storageClass: z.ZodType<StorageClassArgs> = object({
    name: input(objectName).optional(),
    create: flag.optional(),
    allowVolumeExpansion: input(flag).optional(),
});

const claims: z.ZodType<ClaimsArgs> = object({
    namespace: input(namespace).optional(),
    statefulSet: objectName.optional(),
    template: objectName.optional(),
    names: z
        .array(objectName, { error: "must be a list of names" })
        .refine((list) => new Set(list).size === list.length, { error: "must name each claim once" })
        .optional(),
    create: flag.optional(),
});

const dynamicStorageClass: z.ZodType<DynamicStorageClassArgs> = object({
    name: input(objectName),
    reclaimPolicy: input(oneOf(["Retain", "Delete"])).optional(),
});

/** Values of a filter: EC2 takes 200 of them (DescribeInstances, read on 2026-11-21). */
const filterValues = z
    .array(input(text("must be text of at most 256 characters", /^.{1,256}$/s)), {
        error: "must be a list of texts",
    })
    .min(1, { error: "must have at least one value" })
    .max(200, { error: "must have at most 200 values" });

const nodesFilter: z.ZodType<NodesFilterArgs> = object({
    name: input(
        text(
            "must be the name of an EC2 filter, but for those for zones and states, which the component sets",
            /^(?!availability-zone|instance-state-).{1,255}$/s,
        ),
    ),
    values: input(filterValues),
});

const nodes: z.ZodType<NodesArgs> = object({
    preset: input(oneOf(Object.values(NodesPreset))).optional(),
    groups: input(filterValues).optional(),
    securityGroupName: input(text("must be the name of a security group", /^.{1,255}$/)).optional(),
    securityGroupId: input(
        text("must be a security group's id such as sg-0123456789abcdef0", /^sg-[0-9a-f]+$/),
    ).optional(),
    tags: textMap.optional(),
    filters: input(z.array(input(nodesFilter), { error: "must be a list of filters" })).optional(),
    vpcId: input(text("must be a VPC's id such as vpc-0123456789abcdef0", /^vpc-[0-9a-f]+$/)).optional(),
    includeLocalZones: input(flag).optional(),
});

const clusterName = input(
    text(
        "must be the cluster's name: letters, digits, dots, hyphens, underscores, at most 106",
        /^[A-Za-z0-9][\w.-]{0,105}$/,
    ),
);

/** Names and types of the component's args. */
export const argsShape = {
    clusterName,
    region: input(region).optional(),
    nodes: nodes.optional(),
    zones: input(zones).optional(),
    placement: input(oneOf(Object.values(Placement))).optional(),
    zoneByOrdinal: input(mapOf(input(zone), "must be a map of ordinals")).optional(),
    count: wholeNumber(1, maxCount),
    start: wholeNumber(0, 99_999 - maxCount).optional(),
    volume,
    overrides: mapOf(override, "must be a map of ordinals").optional(),
    deletionPolicy: oneOf(Object.values(DeletionPolicy)).optional(),
    protect: flag.optional(),
    backup: backup.optional(),
    persistentVolume: persistentVolume.optional(),
    storageClass: storageClass.optional(),
    claims: claims.optional(),
    dynamicStorageClass: dynamicStorageClass.optional(),
};

/** The shape of the component's args: names and types of the settings, not how they go together. */
export const argsSchema: z.ZodType<ZonalPersistentStorageArgs> = object(argsShape);

/** Everything in which a value departs from the schema. */
export function schemaProblems(schema: z.ZodType, value: unknown): Problem[] {
    const issues = schema.safeParse(value).error?.issues ?? [];
    return issues.flatMap((issue) => {
        const at = issue.path.map(String);
        const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...at, key]) : [at];
        return paths.map((path) => ({ path, rule: issue.message, got: valueAt(value, path) }));
    });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
    return path.reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}

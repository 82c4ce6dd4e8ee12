import { z } from "zod";
import { CsiDriver, ZoneLabel } from "../args/persistentVolumeArgs";
import { DeletionPolicy } from "../args/deletionPolicy";
import type { BackupArgs, BackupCopyArgs } from "../args/backupArgs";
import type { ClaimsArgs } from "../args/claimsArgs";
import { ordinalMark } from "../args/claimsArgs";
import { ManagedByCluster } from "../args/managedByCluster";
import { MoveFrom, PreviousVolume } from "../args/moveArgs";
import type { MoveArgs } from "../args/moveArgs";
import { NodesPreset } from "../args/nodesArgs";
import type { NodesArgs } from "../args/nodesArgs";
import type { PersistentVolumeArgs } from "../args/persistentVolumeArgs";
import { Placement } from "../args/placement";
import type { DynamicStorageClassArgs, StorageClassArgs } from "../args/storageClassArgs";
import type { OverrideArgs } from "../args/volumeArgs";
import type { VolumeCopyArgs, VolumeSourceArgs } from "../args/volumeSourceArgs";
import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { kmsKey, region, snapshotId, tags, volumeId, zone, zones } from "./awsValues";
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
import { factsOf, flag, input, mapOf, object, oneOf, text, wholeNumber } from "./schemaParts";
import type { ShapeOf } from "./schemaParts";
import { volumeSchemas } from "./volumeTable";

/**
 * More volumes than any storage has, so that a slip of the finger can't ask for millions. EC2's default
 * quota is 50 TiB of gp3 in a region.
 */
const maxCount = 10_000;

/** Digits of the largest ordinal. */
export const maxDigits = 5;

const textMap = input(mapOf(input(z.string({ error: "must be text" })), "must be a map of texts"));

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
    .array(input(oneOf(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"])), {
        error: "must be a list of access modes",
    })
    .length(1, { error: "must be one access mode, ReadWriteOnce, ReadWriteOncePod or ReadWriteMany" });

const clusterName = input(
    text(
        "must be the cluster's name: letters, digits, dots, hyphens, underscores, at most 106",
        /^[A-Za-z0-9][\w.-]{0,105}$/,
    ),
);

/** A stack's file has times without quotes as the second form: the CLI reads them as YAML's timestamps. */
const timeForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ| \d\d:\d\d:\d\d \+0000 UTC)$/;
const timeRule = "must be a time in UTC such as 2026-11-27T03:00:00Z";
const time = z
    .string({ error: timeRule })
    .refine((value) => timeForm.test(value) && !Number.isNaN(Date.parse(value)), { error: timeRule });

const volumeCopyShape = {
    cluster: clusterName,
    storage: input(text(objectNameRule, dnsSubdomain)),
} satisfies ShapeOf<VolumeCopyArgs>;

const sourceShape = {
    ...volumeCopyShape,
    region: input(region).optional(),
    before: input(time).optional(),
} satisfies ShapeOf<VolumeSourceArgs>;

const optionalVolume = z.object(volumeSchemas).partial().shape;

const volume = object({
    ...optionalVolume,
    sizeGiB: volumeSchemas.sizeGiB,
    from: object(sourceShape).optional(),
    copyOf: object(volumeCopyShape).optional(),
});

const moveShape = {
    zone: input(zone).optional(),
    snapshotId: input(snapshotId).optional(),
    from: oneOf(Object.values(MoveFrom)).optional(),
    previous: oneOf(Object.values(PreviousVolume)).optional(),
    encrypted: volumeSchemas.encrypted.optional(),
    kmsKeyId: volumeSchemas.kmsKeyId.optional(),
} satisfies ShapeOf<MoveArgs>;

const copyShape = {
    region: input(region),
    keepDays: input(wholeNumber(1, 36_500)),
    kmsKeyId: input(kmsKey).optional(),
} satisfies ShapeOf<BackupCopyArgs>;

const backupShape = {
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
            .array(input(object(copyShape)), { error: "must be a list of copies" })
            .max(3, { error: "must be at most three copies" }),
    ).optional(),
    tags: tags.optional(),
} satisfies ShapeOf<BackupArgs>;

const overrideShape = {
    ...optionalVolume,
    zone: input(zone).optional(),
    moves: z.array(object(moveShape), { error: "must be a list of moves" }).optional(),
    sourceVolumeId: input(volumeId).optional(),
    volumeId: input(volumeId).optional(),
    persistentVolumeName: text(objectNameRule, dnsSubdomain).optional(),
    lostVolumeId: volumeId.optional(),
} satisfies ShapeOf<OverrideArgs>;

const persistentVolumeShape = {
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
    zoneLabel: oneOf(Object.values(ZoneLabel)).optional(),
} satisfies ShapeOf<PersistentVolumeArgs>;

const objectName = text(objectNameRule, dnsSubdomain);

const namespace = text(namespaceRule, dnsLabel);

const storageClassShape = {
    name: input(objectName).optional(),
    create: flag.optional(),
    allowVolumeExpansion: input(flag).optional(),
} satisfies ShapeOf<StorageClassArgs>;

const claimPattern = z
    .string({ error: "must be text" })
    .refine(
        (pattern) =>
            pattern.split(ordinalMark).length === 2 && dnsSubdomain.test(pattern.replace(ordinalMark, "0")),
        {
            error: `must have ${ordinalMark} once, and lower case letters, digits, hyphens and dots besides, at most 253`,
        },
    );

const claimsShape = {
    namespace: input(namespace).optional(),
    statefulSet: objectName.optional(),
    template: objectName.optional(),
    names: z
        .array(objectName, { error: "must be a list of names" })
        .refine((list) => new Set(list).size === list.length, { error: "must name each claim once" })
        .optional(),
    pattern: claimPattern.optional(),
    create: flag.optional(),
} satisfies ShapeOf<ClaimsArgs>;

const dynamicStorageClassShape = {
    name: input(objectName),
    reclaimPolicy: input(oneOf(["Retain", "Delete"])).optional(),
} satisfies ShapeOf<DynamicStorageClassArgs>;

/**
 * Values of a filter: EC2 takes 200 of them, of at most 255 characters ("Filtering considerations",
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html, read on 2026-11-27).
 */
const filterValues = z
    .array(input(text("must be text of at most 255 characters", /^.{1,255}$/s)), {
        error: "must be a list of texts",
    })
    .min(1, { error: "must have at least one value" })
    .max(200, { error: "must have at most 200 values" });

const nodesFilter = object({
    name: input(
        text(
            "must be the name of an EC2 filter, but for those for zones and states, which the component sets",
            /^(?!availability-zone|instance-state-).{1,255}$/s,
        ),
    ),
    values: input(filterValues),
});

const nodesShape = {
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
} satisfies ShapeOf<NodesArgs>;

/** Names and types of the component's args. */
export const argsShape = {
    clusterName,
    region: input(region).optional(),
    nodes: object(nodesShape).optional(),
    zones: input(zones).optional(),
    placement: input(oneOf(Object.values(Placement))).optional(),
    zoneByOrdinal: input(mapOf(input(zone), "must be a map of ordinals")).optional(),
    count: wholeNumber(1, maxCount),
    start: wholeNumber(0, 99_999 - maxCount).optional(),
    volume,
    managedByCluster: z
        .array(oneOf(Object.values(ManagedByCluster)), {
            error: "must be a list of size, type, iops, throughput",
        })
        .optional(),
    overrides: mapOf(object(overrideShape), "must be a map of ordinals").optional(),
    deletionPolicy: oneOf(Object.values(DeletionPolicy)).optional(),
    protect: flag.optional(),
    backup: object(backupShape).optional(),
    persistentVolume: object(persistentVolumeShape).optional(),
    storageClass: object(storageClassShape).optional(),
    claims: object(claimsShape).optional(),
    dynamicStorageClass: object(dynamicStorageClassShape).optional(),
} satisfies ShapeOf<ZonalPersistentStorageArgs>;

/** The shape of the component's args: names and types of the settings, not how they go together. */
export const argsSchema: z.ZodType<ZonalPersistentStorageArgs> = object(argsShape);

const anyMap = z.record(z.string(), z.unknown());
const anyList = z.array(z.unknown());

/** {@link factsOf} `nodes`, whose tags are told apart by their keys alone. */
export const nodesFacts = factsOf({ ...nodesShape, tags: anyMap });

/** {@link factsOf} the component's args: maps and lists are taken apart where rules look at what is in them. */
export const argsFacts = factsOf({
    ...argsShape,
    nodes: nodesFacts,
    zoneByOrdinal: anyMap,
    volume: factsOf({ ...volumeSchemas, tags: anyMap, from: factsOf(sourceShape), copyOf: z.unknown() }),
    overrides: z.record(
        z.string(),
        factsOf({ ...overrideShape, tags: anyMap, moves: z.array(factsOf(moveShape)) }),
    ),
    backup: factsOf({ ...backupShape, copies: z.array(factsOf(copyShape)), tags: anyMap }),
    persistentVolume: factsOf({ ...persistentVolumeShape, labels: anyMap }),
    storageClass: factsOf(storageClassShape),
    claims: factsOf({ ...claimsShape, names: anyList }),
    dynamicStorageClass: factsOf(dynamicStorageClassShape),
});

/** The component's args as rules for how settings go together see them. */
export type ArgsFacts = z.output<typeof argsFacts>;

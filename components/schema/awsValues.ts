import { z } from "zod";
import { input, mapOf, text } from "./schemaParts";

/** Tags that the user may set. How many there may be depends on where they come together: see tagRules. */
export const tags = input(
    mapOf(
        input(text("must be text of at most 256 characters", /^.{0,256}$/s)),
        "must be a map of texts",
    ).refine((map) => Object.keys(map).every((key) => key.length > 0 && key.length <= 127), {
        error: "must have keys of 1 to 127 characters",
    }),
);

/** An availability zone by name or id. */
export const zone = text(
    "must be the name or the id of an availability zone such as eu-west-1a or euw1-az1",
    /^[a-z]{2,}\d*(-[a-z0-9]+)+$/,
);

export const atLeastOneZone = "must name at least one availability zone";

/** Several, in any order. */
export const zones = z
    .array(input(zone), { error: "must be a list of availability zones" })
    .min(1, { error: atLeastOneZone })
    .refine((list) => new Set(list).size === list.length, { error: "must name each zone once" });

/** Name of a region. */
export const region = text("must be the name of a region such as eu-west-1", /^[a-z]{2,}(-[a-z]+)+-\d+$/);

/** Id of an EBS snapshot. */
export const snapshotId = text("must be a snapshot's id such as snap-0123456789abcdef0", /^snap-[0-9a-f]+$/);

/** Id of an EBS volume. */
export const volumeId = text("must be a volume's id such as vol-0123456789abcdef0", /^vol-[0-9a-f]+$/);

/** ARN of a KMS key. */
export const kmsKey = text("must be the ARN of a KMS key", /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/.+$/);

import type { ZonalPersistentStorageArgs } from "../args/storageArgs";
import { maxCount } from "./argsSchema";
import { isDeferred } from "../args/deferred";
import { ordinalsOf } from "../plan/disks";

/** The args as they may be before anything is known about them: every setting may be missing. */
export type Unchecked = Partial<Record<keyof ZonalPersistentStorageArgs, unknown>>;

/** The ordinals, or none if count or start aren't numbers to count with. */
export function ordinalsIn({ start = 0, count }: Unchecked): number[] {
    const isUsable = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;
    return isUsable(start) && isUsable(count) && count <= maxCount ? ordinalsOf({ start, count }) : [];
}

/** The value's settings; none if it isn't a map. */
export function asMap(value: unknown): Record<string, unknown> {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The value if it is a list; an empty one if not. */
export function asList(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The value if it is a number. */
export function asNumber(value: unknown): number | undefined {
    return typeof value === "number" ? value : undefined;
}

/** The value if it is text. */
export function asText(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** A number to check limits with; one that comes later limits nothing yet. */
export function plainNumber(value: unknown): number | undefined {
    return isDeferred(value) ? Infinity : asNumber(value);
}

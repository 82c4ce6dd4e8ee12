import { ordinalsOf } from "../plan/disks";
import type { ArgsFacts } from "../schema/argsSchema";
import type { invalid } from "../schema/schemaParts";

/** A setting that may be missing or not right. */
type Fact<T> = T | typeof invalid | undefined;

/** The settings of a map; none if it isn't one. */
export function mapIn<T extends object>(fact: Fact<T>): Partial<T> {
    return typeof fact === "object" ? fact : {};
}

/** Keys and values of a map; none if it isn't one. */
export function entriesIn<T>(fact: Fact<Readonly<Record<string, T>>>): [string, T][] {
    return typeof fact === "object" ? Object.entries(fact) : [];
}

/** The elements of a list; none if it isn't one. */
export function listIn<T>(fact: Fact<readonly T[]>): readonly T[] {
    return typeof fact === "object" ? fact : [];
}

/** The text; undefined if it comes later or isn't one. */
export function textIn(fact: unknown): string | undefined {
    return typeof fact === "string" ? fact : undefined;
}

/** The number; undefined if it isn't one. */
export function numberIn(fact: unknown): number | undefined {
    return typeof fact === "number" ? fact : undefined;
}

/** The ordinals, or none if count or start aren't numbers to count with. */
export function ordinalsIn({ start = 0, count }: ArgsFacts): number[] {
    return typeof start === "number" && typeof count === "number" ? ordinalsOf({ start, count }) : [];
}

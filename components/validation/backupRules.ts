import type { ArgsFacts } from "../schema/argsSchema";
import { listIn, mapIn, textIn } from "./facts";
import type { Problem } from "./problems";

/** Each region has one copy: a second one would be another bill for the same. */
export function copyProblems(backup: ArgsFacts["backup"]): Problem[] {
    const copies = copiesOf(backup);
    const rule = "must be a region without a copy so far";
    return copies
        .filter(({ got }, index) => copies.findIndex((copy) => copy.got === got) < index)
        .map((copy) => ({ ...copy, rule }));
}

/** Regions of the copies, with their paths. */
export function copiesOf(backup: ArgsFacts["backup"]): { path: string[]; got: string }[] {
    return listIn(mapIn(backup).copies).flatMap(({ region }, index) => {
        const got = textIn(region);
        return got === undefined ? [] : [{ path: ["backup", "copies", String(index), "region"], got }];
    });
}

import { all, output } from "@pulumi/pulumi";
import type { Output, Resource } from "@pulumi/pulumi";
import { perProgram } from "./perProgram";
import { withoutDependencies } from "./withoutDependencies";

/** Checks that all storages of a program wait for; undefined where each begins on its own. */
const awaited = perProgram((): { checks?: Output<unknown>[] } => ({}));

/**
 * Makes the storages of a program wait until nothing is wrong with any of them, before the first one changes something.
 * Only for programs that create all storages without waiting in between, and in which a storage gets no more from another
 * than zoneByOrdinal: in others two could wait for each other.
 *
 * @param check - A check of the program itself, which they wait for, too.
 */
export function beginTogether(check: Output<unknown>): void {
    awaited().checks = [check];
}

/**
 * The checks of a storage, and those of all that it begins together with.
 *
 * @param own - Fails if anything is wrong with the storage.
 * @param early - The same, as far as it can be known before another storage's outputs.
 */
export function withOthers(own: Output<Resource[]>, early: Output<unknown>): Output<Resource[]> {
    const { checks } = awaited();
    if (!checks) {
        return own;
    }
    checks.push(early);
    // The storages that are created after this one count as well.
    const others = output(Promise.resolve().then(() => all(checks)));
    return all([own, withoutDependencies(others)]).apply(([result]) => result);
}

import { all, output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import { perProgram } from "../engine/perProgram";
import { ifKnown } from "../engine/withoutDependencies";
import { asUserError } from "./problems";

/** All that is wrong with a storage, often nothing. Without a name the texts say themselves whose they are. */
export interface Failures {
    readonly name?: string;
    readonly texts: readonly string[];
}

/** The checks that storages which begin together wait for; none where each begins on its own. */
const awaited = perProgram((): { checks?: Output<Failures>[]; passed?: Output<undefined> } => ({}));

/**
 * Makes the storages of a program wait until nothing is wrong with any of them, before the first one changes something.
 * All that is wrong is told in one message. Only for programs that create all storages without waiting in between, and
 * in which a storage gets no more from another than zoneByOrdinal: in others two could wait for each other.
 *
 * @param check - A check of the program itself, which they wait for, too.
 */
export function beginTogether(check: Output<Failures>): void {
    const together = awaited();
    const checks = [check];
    together.checks = checks;
    together.passed = output(
        // The storages that are created later in the same step of the program count as well.
        Promise.resolve().then(() => {
            together.checks = undefined;
            return refuse(checks);
        }),
    );
}

/**
 * Passes if nothing is wrong with a storage, and with all that it begins together with.
 *
 * @param own - All that is wrong with the storage.
 * @param early - The same, as far as it can be known before another storage's outputs.
 */
export function passWithOthers(own: Output<Failures>, early: Output<Failures>): Output<undefined> {
    const { checks, passed } = awaited();
    checks?.push(early);
    // The message of all has what is in `early`.
    return checks && passed && own === early ? passed : all([passed, refuse([own])]).apply(() => undefined);
}

/** The failures that are known. Those that aren't yet, in a preview, don't keep them back. */
export function knownFailures(
    name: string,
    failures: readonly Output<string | undefined>[],
): Output<Failures> {
    return all(failures.map(ifKnown)).apply((texts) => ({
        name,
        texts: texts.filter((text) => text !== undefined),
    }));
}

/** Fails with everything that is wrong as one mistake of the user. Storages with the same failures share a heading. */
function refuse(checks: readonly Output<Failures>[]): Output<undefined> {
    return all([...checks]).apply((known) => {
        const names = new Map<string, string[]>();
        for (const { name, texts } of known.filter((one) => one.texts.length > 0)) {
            const text = [...new Set(texts)].join("\n");
            names.set(text, [...(names.get(text) ?? []), ...(name === undefined ? [] : [name])]);
        }
        if (names.size > 0) {
            const blocks = [...names].map(([text, storages]) =>
                storages.length === 0 ? text : `${heading(storages)}\n${text}`,
            );
            throw asUserError(blocks.join("\n"));
        }
        return undefined;
    });
}

function heading(storages: readonly string[]): string {
    const names = storages.map((name) => JSON.stringify(name)).join(", ");
    return `ZonalPersistentStorage ${names} can't be made or updated:`;
}

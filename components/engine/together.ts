import { all, output } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import { asUserError } from "../validation/problems";
import { perProgram } from "./perProgram";
import { ifKnown } from "./withoutDependencies";

/** Failures of a storage or, without a name, of something that says itself whose they are. */
export interface Refusal {
    readonly name?: string;
    readonly failures: readonly string[];
}

/** What storages that begin together wait for; undefined where each begins on its own. */
const awaited = perProgram((): { checks?: Output<Refusal>[]; passed?: Output<undefined> } => ({}));

/**
 * Makes the storages of a program wait until nothing is wrong with any of them, before the first one changes something.
 * What is wrong is one message. Only for programs that create all storages without waiting in between, and in which a
 * storage gets no more from another than zoneByOrdinal: in others two could wait for each other.
 *
 * @param check - A check of the program itself, which they wait for, too.
 */
export function beginTogether(check: Output<Refusal>): void {
    const checks = [check];
    // The storages that are created later count as well.
    const passed = output(Promise.resolve().then(() => refuse(checks)));
    Object.assign(awaited(), { checks, passed });
}

/**
 * Passes if nothing is wrong with a storage, and with all that it begins together with.
 *
 * @param own - Failures of the storage.
 * @param early - The same, as far as they can be known before another storage's outputs.
 */
export function passWithOthers(own: Output<Refusal>, early: Output<Refusal>): Output<undefined> {
    const { checks, passed } = awaited();
    if (!checks || !passed) {
        return refuse([own]);
    }
    checks.push(early);
    // The others' message has the early ones already.
    return own === early ? passed : all([passed, refuse([own])]).apply(() => undefined);
}

/** The failures of a storage that are known. Those that aren't yet, in a preview, don't keep them back. */
export function refusal(name: string, failures: readonly Output<string | undefined>[]): Output<Refusal> {
    return all(failures.map(ifKnown)).apply((texts) => ({
        name,
        failures: texts.filter((text) => text !== undefined),
    }));
}

/** Fails with all of them as one mistake of the user. Storages with the same failures share a heading. */
function refuse(refusals: readonly Output<Refusal>[]): Output<undefined> {
    return all([...refusals]).apply((known) => {
        const names = new Map<string, string[]>();
        for (const { name, failures } of known) {
            const text = [...new Set(failures)].join("\n");
            names.set(text, [...(names.get(text) ?? []), ...(name === undefined ? [] : [name])]);
        }
        names.delete("");
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

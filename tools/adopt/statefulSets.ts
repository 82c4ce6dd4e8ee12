import type { ClaimName } from "./existingDisk";

/** A StatefulSet with claim templates. */
export interface ClaimOwner {
    readonly namespace: string;
    readonly name: string;
    /** Names of its claim templates. */
    readonly templates: readonly string[];
}

/** A claim as one of a StatefulSet's. */
export interface Member {
    readonly namespace: string;
    readonly statefulSet: string;
    readonly template: string;
    readonly ordinal: number;
}

/** The StatefulSet that a claim is of, by its name: `<template>-<StatefulSet>-<ordinal>`. */
export function memberOf(claim: ClaimName | undefined, owners: readonly ClaimOwner[]): Member | undefined {
    for (const { namespace, name, templates } of owners) {
        for (const template of templates) {
            const prefix = `${template}-${name}-`;
            const digits = claim?.name.startsWith(prefix) ? claim.name.slice(prefix.length) : "";
            if (claim?.namespace === namespace && /^(0|[1-9]\d*)$/.test(digits)) {
                return { namespace, statefulSet: name, template, ordinal: Number(digits) };
            }
        }
    }
    return undefined;
}

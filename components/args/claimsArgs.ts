import type { Input } from "@pulumi/pulumi";

/** Stands for the ordinal in the pattern of claims. */
export const ordinalMark = "{ordinal}";

/**
 * The claims that the PersistentVolumes are for: those of a StatefulSet, or named ones. Without them, any
 * claim of the class may take any PersistentVolume.
 */
export interface ClaimsArgs {
    /**
     * Namespace of the claims.
     *
     * @default "default"
     */
    namespace?: Input<string>;
    /**
     * Name of the StatefulSet whose pods have the ordinals of this storage. Plain, since names are identity.
     *
     * @default - `names` or `pattern` says which claims
     */
    statefulSet?: string;
    /**
     * Name of the volumeClaimTemplate in `statefulSet`: the claims are called
     * `<template>-<statefulSet>-<ordinal>`. Plain, since names are identity.
     *
     * @default - `names` or `pattern` says which claims
     */
    template?: string;
    /**
     * Names of the claims, one for each ordinal, in order. Plain, since names are identity.
     *
     * @default - `statefulSet` and `template`, or `pattern`, say which claims
     */
    names?: string[];
    /**
     * Name of each claim, with `{ordinal}` where the ordinal is, such as `pg-{ordinal}`. For claims that an operator
     * names. Plain, since names are identity.
     *
     * @default - `names`, or `statefulSet` and `template`, say which claims
     */
    pattern?: string;
    /**
     * Whether the component creates the claims. Otherwise their PersistentVolumes are reserved for them,
     * and whoever needs them creates them, as a StatefulSet does. Plain, since it decides what is created.
     *
     * @default false
     */
    create?: boolean;
}

import { ordinalMark } from "../args/claimsArgs";
import { persistentVolumeName } from "../plan/disks";
import { maxDigits } from "../schema/argsSchema";
import type { ArgsFacts } from "../schema/argsSchema";
import { dnsSubdomain, maxObjectName, objectNameRule } from "../schema/kubernetesNames";
import { entriesIn, mapIn, numberIn, ordinalsIn, textIn } from "./facts";
import { notAllowed } from "./problems";
import type { Problem } from "./problems";

/** Names of all that the storage makes, and of the claims that it is for. */
export function nameRules(name: string, args: ArgsFacts): Problem[] {
    return [
        ...storageNameProblems(name, args),
        ...persistentVolumeNameProblems(name, args),
        ...classProblems(name, args),
        ...claimProblems(args),
        ...adoptedProblems(name, args),
    ];
}

/** A backup's tag names the cluster and the storage; EC2 takes 256 characters, the cluster's name has up to 106. */
const maxBackedUpName = 149;

/** Without a prefix of its own the PersistentVolumes' rule is the stricter one. */
function storageNameProblems(name: string, args: ArgsFacts): Problem[] {
    const problem = (rule: string): Problem[] => [{ path: [], rule, got: name }];
    if (name.trim() === "" || /\p{C}/u.test(name)) {
        return problem("must be a text of printable characters that isn't blank");
    }
    return args.backup !== undefined && name.length > maxBackedUpName
        ? problem(`must have at most ${maxBackedUpName} characters where there is a backup`)
        : [];
}

function persistentVolumeNameProblems(name: string, args: ArgsFacts): Problem[] {
    const settings = mapIn(args.persistentVolume);
    const prefix = textIn(settings.namePrefix) ?? name;
    const digits = Math.min(numberIn(settings.ordinalDigits) ?? 1, maxDigits);
    const last = Math.max(0, ...ordinalsIn(args).slice(-1));
    const longest = persistentVolumeName(name, { namePrefix: prefix, ordinalDigits: digits }, last);
    if (/^[a-z0-9][-a-z0-9]*$/.test(longest) && longest.length <= 63) {
        return [];
    }
    const rule = "must consist of lower case letters, digits and hyphens, at most 63 with the ordinal";
    return settings.namePrefix === undefined
        ? [{ path: [], rule: `${rule} (or give persistentVolume.namePrefix)`, got: name }]
        : [{ path: ["persistentVolume", "namePrefix"], rule, got: prefix }];
}

/** PersistentVolumes that others have made have a name each, and a claim that exists. */
function adoptedProblems(name: string, args: ArgsFacts): Problem[] {
    const { create } = mapIn(args.claims);
    const { namePrefix, ordinalDigits } = mapIn(args.persistentVolume);
    const prefix = { namePrefix: textIn(namePrefix), ordinalDigits: numberIn(ordinalDigits) };
    const adopted = entriesIn(args.overrides).flatMap(([ordinal, { persistentVolumeName: got }]) =>
        typeof got === "string"
            ? [{ ordinal, got, path: ["overrides", ordinal, "persistentVolumeName"] }]
            : [],
    );
    const isAdopted = (ordinal: number) => adopted.some((one) => one.ordinal === String(ordinal));
    const own = adopted.length === 0 ? [] : ordinalsIn(args).filter((ordinal) => !isAdopted(ordinal));
    const owners = new Map(
        own.map((ordinal) => [persistentVolumeName(name, prefix, ordinal), String(ordinal)]),
    );
    return adopted.flatMap(({ ordinal, got, path }) => {
        const owner = owners.get(got);
        owners.set(got, owner ?? ordinal);
        return [
            ...(owner === undefined
                ? []
                : [{ path, rule: `must not be the PersistentVolume of ordinal ${owner} too`, got }]),
            ...(create === true
                ? [{ path, rule: "can't be combined with claims.create: its claim exists", got }]
                : []),
        ];
    });
}

/** The class is called after the storage unless it has a name; a second one has to have another. */
function classProblems(name: string, args: ArgsFacts): Problem[] {
    const { name: given, create } = mapIn(args.storageClass);
    const { namePrefix } = mapIn(args.persistentVolume);
    const { name: dynamic } = mapIn(args.dynamicStorageClass);
    const isOwnName = given === undefined && namePrefix !== undefined && !dnsSubdomain.test(name);
    return [
        ...(isOwnName
            ? [{ path: [], rule: `${objectNameRule} (or give storageClass.name)`, got: name }]
            : []),
        ...(create !== false && typeof dynamic === "string" && dynamic === (given ?? name)
            ? [
                  {
                      path: ["dynamicStorageClass", "name"],
                      rule: "must not be the name of the storage's own class too",
                      got: dynamic,
                  },
              ]
            : []),
    ];
}

/** Claims are those of a StatefulSet's template, or a pattern names them, or one is named for each ordinal. */
function claimProblems(args: ArgsFacts): Problem[] {
    if (args.claims === undefined) {
        return [];
    }
    const { statefulSet, template, names, pattern } = mapIn(args.claims);
    if (pattern !== undefined) {
        return [
            ...notAllowed(["claims"], { statefulSet, template, names }, "can't be combined with pattern"),
            ...patternLengthProblems(args, pattern),
        ];
    }
    if (names === undefined) {
        return [
            ...Object.entries({ statefulSet, template })
                .filter(([, got]) => got === undefined)
                .map(([key]) => ({
                    path: ["claims", key],
                    rule: "must be given, or names or pattern in its place",
                })),
            ...claimLengthProblems(args, statefulSet, template),
        ];
    }
    const given = notAllowed(["claims"], { statefulSet, template }, "can't be combined with names");
    const { length } = ordinalsIn(args);
    if (!Array.isArray(names) || length === 0 || names.length === length) {
        return given;
    }
    const rule = `must name ${length} claims, one for each ordinal`;
    return [...given, { path: ["claims", "names"], rule, got: names }];
}

function patternLengthProblems(args: ArgsFacts, pattern: unknown): Problem[] {
    const last = ordinalsIn(args).at(-1) ?? 0;
    const length = typeof pattern === "string" ? pattern.replace(ordinalMark, String(last)).length : 0;
    const rule = `must be shorter: with ordinal ${last} a claim has ${length} characters, at most ${maxObjectName} are allowed`;
    return length <= maxObjectName ? [] : [{ path: ["claims", "pattern"], rule, got: pattern }];
}

function claimLengthProblems(args: ArgsFacts, statefulSet: unknown, template: unknown): Problem[] {
    const last = ordinalsIn(args).at(-1) ?? 0;
    const { length } = `${String(template)}-${String(statefulSet)}-${last}`;
    if (typeof statefulSet !== "string" || typeof template !== "string" || length <= maxObjectName) {
        return [];
    }
    const rule =
        `must be at least ${length - maxObjectName} characters shorter, or statefulSet must: claims are called ` +
        `<template>-<statefulSet>-<ordinal>, at most ${maxObjectName} characters`;
    return [{ path: ["claims", "template"], rule, got: template }];
}

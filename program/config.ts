import { runtime, secret } from "@pulumi/pulumi";
import type { ZonalPersistentStorageArgs } from "../components";
import { ordinalsOf } from "../components/plan/disks";
import { argsFacts } from "../components/schema/argsSchema";
import { isMap, reservedName } from "../components/schema/schemaParts";
import { volumeSettings } from "../components/schema/volumeTable";
import { parseArgs } from "../components/validation/argsRules";
import { regionProblems } from "../components/validation/regionRules";
import { takenObjects } from "../components/validation/clusterObjects";
import { formatProblem, notAllowed, userError } from "../components/validation/problems";
import type { Problem } from "../components/validation/problems";
import type { Parsed } from "../components/validation/parse";
import { clusterSchema, parseCluster, storageSchema } from "./configSchema";
import type { StorageSettings } from "./configSchema";
import { defaultTagProblems } from "./defaultTags";

/** A storage that the program's config asks for. */
export interface StorageConfig {
    readonly name: string;
    readonly args: ZonalPersistentStorageArgs;
    /** Name of the storage in whose zones its disks have to be, ordinal by ordinal. */
    readonly alongside?: string;
    /** Names that the storage had before. */
    readonly aliases: readonly string[];
}

/** A cluster that the program's config names by its kubeconfig, whatever the machine's own is. */
export interface ClusterAccess {
    /** The cluster's name: what tells it from others, wherever its API server moves. */
    readonly identifier: string;
    /** Contents or path of a kubeconfig; the one of the environment if there is none. */
    readonly kubeconfig?: string;
    /** Context in it; its current one if there is none. */
    readonly context?: string;
}

const known = ["cluster", "kubeconfig", "context", "storages"];

/** Whether a key of the stack's config, with its namespace, was set as a secret or has something in it that was. */
export type IsSecret = (key: string) => boolean;

/** As the CLI has handed the config over. The SDK has the function, and not in its types. */
export const isConfigSecret: IsSecret = (key) =>
    (runtime as unknown as { isConfigSecret: IsSecret }).isConfigSecret(key);

/**
 * Settings that can be secret, below a storage or the cluster: nothing is called after them, and they decide on nothing
 * that is created. Pulumi says of a whole key that something in it is secret, not what.
 */
const secretSettings: readonly string[] = [
    ...["securityGroupName", "securityGroupId", "vpcId", "tags.*", "groups.*", "filters.*.values.*"].map(
        (setting) => `nodes.${setting}`,
    ),
    ...["volume", "overrides.*"].flatMap((volume) =>
        volumeSettings.flatMap(({ name, secret }) =>
            secret ? [`${volume}.${name}${secret === "values" ? ".*" : ""}`] : [],
        ),
    ),
    "overrides.*.moves.*.kmsKeyId",
    ...["roleArn", "tags.*", "copies.*.kmsKeyId"].map((setting) => `backup.${setting}`),
    ...["labels.*", "annotations.*", "mountOptions.*"].map((setting) => `persistentVolume.${setting}`),
];

/**
 * The storages that a stack's config asks for, each after the one that it is alongside.
 *
 * @param project - Name of the Pulumi project, the namespace of its settings.
 * @param config - All of the stack's config: text by key, as Pulumi hands it to a program.
 * @param isSecret - Which keys are secret: their values are in no message, and secret where they can be.
 * @throws RunError that lists everything that is wrong, each by its path in the config.
 */
export function readStorages(
    project: string,
    config: Readonly<Record<string, string>>,
    isSecret: IsSecret = () => false,
): StorageConfig[] {
    const own = Object.entries(config)
        .filter(([key]) => key.startsWith(`${project}:`))
        .map(([key, value]): [string, unknown] => [key.slice(project.length + 1), jsonIn(value)]);
    const unknown = own
        .filter(([key]) => !known.includes(key))
        .map(([key, got]) => ({
            path: [key],
            rule: `is not a known setting: known are ${known.join(", ")}`,
            got,
        }));
    const { cluster, storages } = Object.fromEntries<unknown>(own);
    const awsTags = jsonIn(config["aws:defaultTags"] ?? "");
    const parsedCluster = parseCluster(cluster);
    const parsedStorages = parseStorages(storages, {
        region: regionOf(cluster) ?? config["aws:region"],
        defaultTags: isMap(awsTags) && isMap(awsTags["tags"]) ? awsTags["tags"] : {},
    });
    const problems = [
        ...unknown,
        ...below(["cluster"], parsedCluster.problems ?? []),
        ...accessProblems(project, config),
        ...(parsedStorages.problems ?? []),
    ].map((problem) => formatProblem(problem, [], isSecret(`${project}:${problem.path[0]}`)));
    if (problems.length > 0 || !parsedCluster.value || !parsedStorages.value) {
        throw userError("the stack's config can't be used", problems);
    }
    const { name: clusterName, ...where } = isSecret(`${project}:cluster`)
        ? clusterSchema.parse(withSecrets(parsedCluster.value))
        : parsedCluster.value;
    return Object.entries(parsedStorages.value)
        .map(([name, settings]) => {
            const {
                alongside,
                aliases = [],
                ...args
            } = isSecret(`${project}:storages`) ? storageSchema.parse(withSecrets(settings)) : settings;
            return { name, args: { clusterName, ...where, ...args }, alongside, aliases };
        })
        .sort((a, b) => Number(a.alongside !== undefined) - Number(b.alongside !== undefined));
}

function regionOf(cluster: unknown): string | undefined {
    const region = isMap(cluster) ? cluster["region"] : undefined;
    return typeof region === "string" ? region : undefined;
}

/** The settings of a storage or of the cluster, with those that can be secret as secrets. */
function withSecrets(settings: unknown): unknown {
    return secretSettings.reduce((all, setting) => withSecret(all, setting.split(".")), settings);
}

/** The same for those of one path, in which `*` stands for any key. */
function withSecret(value: unknown, [key, ...rest]: readonly string[]): unknown {
    if (key === undefined) {
        return secret(value);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (Array.isArray(value)) {
        return value.map((one) => withSecret(one, rest));
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
            name,
            key === "*" || key === name ? withSecret(one, rest) : (one as unknown),
        ]),
    );
}

function below(path: readonly string[], problems: readonly Problem[]): Problem[] {
    return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

/**
 * How to reach the cluster, if the config says so. Of a config that {@link readStorages} takes.
 *
 * @param project - Name of the Pulumi project, the namespace of its settings.
 * @param config - All of the stack's config.
 */
export function readAccess(
    project: string,
    config: Readonly<Record<string, string>>,
): ClusterAccess | undefined {
    const [kubeconfig, context] = [config[`${project}:kubeconfig`], config[`${project}:context`]];
    if (kubeconfig === undefined && context === undefined) {
        return undefined;
    }
    const { value: cluster } = parseCluster(jsonIn(config[`${project}:cluster`] ?? ""));
    return typeof cluster?.name === "string" ? { identifier: cluster.name, kubeconfig, context } : undefined;
}

/** A kubeconfig is a secret: what is wrong with it is said without it. */
function accessProblems(project: string, config: Readonly<Record<string, string>>): Problem[] {
    const empty = ["kubeconfig", "context"]
        .filter((key) => config[`${project}:${key}`]?.trim() === "")
        .map((key) => ({ path: [key], rule: "must not be empty: leave it out", got: "" }));
    const dropping = config["kubernetes:deleteUnreachable"];
    return dropping === undefined || dropping === "false"
        ? empty
        : [
              ...empty,
              {
                  path: ["kubernetes:deleteUnreachable"],
                  rule: "must be left out: a cluster out of reach would lose its disks from the state",
                  got: dropping,
              },
          ];
}

/** Settings of the cluster and the AWS provider that a storage has to go with. */
interface OfOthers {
    readonly region: string | undefined;
    readonly defaultTags: Readonly<Record<string, unknown>>;
}

type Storages = Readonly<Record<string, StorageSettings>>;

function parseStorages(storages: unknown, { region, defaultTags }: OfOthers): Parsed<Storages> {
    const path = ["storages"];
    if (!isMap(storages) || Array.isArray(storages)) {
        return { problems: [{ path, rule: "must be a map of storages by name", got: storages }] };
    }
    const entries = Object.entries(storages);
    if (entries.length === 0) {
        return { problems: [{ path, rule: "must have at least one storage", got: storages }] };
    }
    const usable: [string, StorageSettings][] = [];
    const problems = entries.flatMap(([name, settings]): Problem[] => {
        const { value, problems: own = [] } = parseArgs(storageSchema, name, settings);
        if (value) {
            usable.push([name, value]);
        }
        const facts = argsFacts.parse(settings);
        return below(
            [...path, name],
            [
                ...(name === "__proto__" ? [{ path: [], rule: reservedName, got: settings }] : []),
                ...own,
                ...(facts.region === undefined ? regionProblems(facts, region) : []),
            ],
        );
    });
    if (problems.length > 0) {
        return { problems };
    }
    const value = Object.fromEntries(usable);
    const together = [
        ...usable.flatMap(([name, settings]) =>
            below([...path, name], defaultTagProblems(settings, defaultTags)),
        ),
        ...clashes(value),
        ...alongsideProblems(value),
        ...aliasProblems(value),
    ];
    return together.length > 0 ? { problems: together } : { value };
}

/** Two storages can't both have an object of the cluster. */
function clashes(storages: Storages): Problem[] {
    const owners = new Map<string, string>();
    return Object.entries(storages).flatMap(([name, args]) =>
        takenObjects(owners, `storages.${name}`, name, args).map((rule) => ({
            path: ["storages", name],
            rule,
            isWhole: true,
        })),
    );
}

/** A storage can only be alongside one that finds its zones itself, and has its ordinals. */
function alongsideProblems(storages: Storages): Problem[] {
    return Object.entries(storages).flatMap(([name, settings]) => {
        const { alongside, zoneByOrdinal, zones, placement } = settings;
        if (alongside === undefined) {
            return [];
        }
        const path = ["storages", name];
        // Every object has a "constructor" and the like, which are no storages.
        const other =
            name !== alongside && Object.hasOwn(storages, alongside) ? storages[alongside] : undefined;
        const rule = other
            ? "must be a storage that isn't alongside another one itself"
            : "must be another storage of the config";
        return [
            ...(other && other.alongside === undefined
                ? withoutZone(settings, other).map((ordinal) => ({
                      path: [...path, "overrides", String(ordinal), "zone"],
                      rule: `must be set, or count be lower: ${alongside} has no ordinal ${ordinal}`,
                      isWhole: true,
                  }))
                : [{ path: [...path, "alongside"], rule, got: alongside }]),
            ...notAllowed(path, { zoneByOrdinal, zones, placement }, "can't be combined with alongside"),
        ];
    });
}

/** Ordinals that get their zone neither from the other storage nor from an override. */
function withoutZone(settings: StorageSettings, other: StorageSettings): number[] {
    const known = new Set(ordinalsOf(other));
    return ordinalsOf(settings).filter((ordinal) => {
        const { zone, volumeId } = settings.overrides?.[ordinal] ?? {};
        return !known.has(ordinal) && zone === undefined && volumeId === undefined;
    });
}

/** An alias is a name that no storage has any more, and that one storage had. */
function aliasProblems(storages: Storages): Problem[] {
    const all = Object.values(storages).flatMap(({ aliases = [] }) => aliases);
    return Object.entries(storages).flatMap(([name, { aliases = [] }]) =>
        aliases
            .map((got, index) => ({ path: ["storages", name, "aliases", String(index)], got }))
            .filter(({ got }) => Object.hasOwn(storages, got) || all.indexOf(got) !== all.lastIndexOf(got))
            .map(({ path, got }) => ({
                path,
                rule: "must be a name that no storage has and one alone had",
                got,
            })),
    );
}

function jsonIn(value: string): unknown {
    try {
        return JSON.parse(value);
    } catch {
        return value;
    }
}

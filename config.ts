import type { ZonalPersistentStorageArgs } from "./components";
import { argsProblems, clusterProblems } from "./components/argsRules";
import { clusterSchema, storageSchema } from "./components/argsSchema";
import { ordinalsOf, persistentVolumeName } from "./components/plan";
import { formatProblem, leftOut, userError } from "./components/problems";

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

type StorageArgs = Omit<ZonalPersistentStorageArgs, "clusterName"> & {
    alongside?: string;
    aliases?: string[];
};
type ClusterConfig = { name: string } & Pick<ZonalPersistentStorageArgs, "region" | "nodes" | "zones">;

const known = ["cluster", "kubeconfig", "context", "storages"];

/**
 * The storages that a stack's config asks for, each after the one that it is alongside.
 *
 * @param project - Name of the Pulumi project, the namespace of its settings.
 * @param config - All of the stack's config: text by key, as Pulumi hands it to a program.
 * @throws RunError that lists everything that is wrong, each by its path in the config.
 */
export function readStorages(project: string, config: Readonly<Record<string, string>>): StorageConfig[] {
    const own = Object.entries(config)
        .filter(([key]) => key.startsWith(`${project}:`))
        .map(([key, value]): [string, unknown] => [key.slice(project.length + 1), parsed(value)]);
    const unknown = own
        .filter(([key]) => !known.includes(key))
        .map(([key, got]) =>
            formatProblem({
                path: [key],
                rule: `is not a known setting: known are ${known.join(", ")}`,
                got,
            }),
        );
    const { cluster, storages } = Object.fromEntries(own) as Record<string, unknown>;
    const problems = [
        ...unknown,
        ...clusterProblems(clusterSchema, cluster).map((problem) => formatProblem(problem, ["cluster"])),
        ...accessProblems(project, config),
        ...storagesProblems(storages),
    ];
    if (problems.length > 0) {
        throw userError("the stack's config can't be used", problems);
    }
    const { name: clusterName, ...where } = cluster as ClusterConfig;
    return Object.entries(storages as Record<string, StorageArgs>)
        .map(([name, { alongside, aliases = [], ...args }]) => ({
            name,
            args: { clusterName, ...where, ...args },
            alongside,
            aliases,
        }))
        .sort((a, b) => Number(a.alongside !== undefined) - Number(b.alongside !== undefined));
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
    const { name: identifier } = JSON.parse(config[`${project}:cluster`] ?? "") as ClusterConfig;
    return { identifier, kubeconfig, context };
}

/** A kubeconfig is a secret: what is wrong with it is said without it. */
function accessProblems(project: string, config: Readonly<Record<string, string>>): string[] {
    const empty = ["kubeconfig", "context"]
        .filter((key) => config[`${project}:${key}`]?.trim() === "")
        .map((key) => formatProblem({ path: [key], rule: "must not be empty: leave it out", got: "" }));
    const dropping = config["kubernetes:deleteUnreachable"];
    return dropping === undefined || dropping === "false"
        ? empty
        : [
              ...empty,
              formatProblem({
                  path: ["kubernetes:deleteUnreachable"],
                  rule: "must be left out: a cluster out of reach would lose its disks from the state",
                  got: dropping,
              }),
          ];
}

function storagesProblems(storages: unknown): string[] {
    if (typeof storages !== "object" || storages === null || Array.isArray(storages)) {
        return [
            formatProblem({ path: ["storages"], rule: "must be a map of storages by name", got: storages }),
        ];
    }
    const entries = Object.entries(storages);
    if (entries.length === 0) {
        return [formatProblem({ path: ["storages"], rule: "must have at least one storage", got: storages })];
    }
    const own = entries.flatMap(([name, args]) =>
        argsProblems(storageSchema, name, args).map((problem) => formatProblem(problem, ["storages", name])),
    );
    const known = storages as Record<string, StorageArgs>;
    return own.length > 0 ? own : [...clashes(known), ...misplaced(known), ...mistaken(known)];
}

/** PersistentVolumes and StorageClasses have no namespace: two storages can't both create one. */
function clashes(storages: Record<string, StorageArgs>): string[] {
    const owners = new Map<string, string>();
    return Object.entries(storages).flatMap(([name, args]) => {
        const { name: className = name, create = true } = (args.storageClass ?? {}) as {
            name?: string;
            create?: boolean;
        };
        const created = [
            ...(create ? [{ what: `StorageClass ${className}`, wayOut: "storageClass.create false" }] : []),
            ...ordinalsOf(args).map((ordinal) => ({
                what: `PersistentVolume ${persistentVolumeName(name, args.persistentVolume, ordinal)}`,
                wayOut: "another persistentVolume.namePrefix",
            })),
        ];
        const taken = created.find(({ what }) => owners.has(what));
        created.forEach(({ what }) => owners.set(what, owners.get(what) ?? name));
        return taken
            ? [
                  `storages.${name} must not create ${taken.what}, storages.${owners.get(taken.what)} does: give it ${taken.wayOut}`,
              ]
            : [];
    });
}

/** A storage can only be alongside one that finds its zones itself. */
function misplaced(storages: Record<string, StorageArgs>): string[] {
    return Object.entries(storages).flatMap(([name, { alongside, zoneByOrdinal, zones, placement }]) => {
        if (alongside === undefined) {
            return [];
        }
        const path = ["storages", name];
        // Every object has a "constructor" and the like, which are no storages.
        const other =
            name !== alongside && Object.hasOwn(storages, alongside) ? storages[alongside] : undefined;
        const rule = "must be another storage that isn't alongside one itself";
        const problems = [
            ...(other && other.alongside === undefined
                ? []
                : [{ path: [...path, "alongside"], rule, got: alongside }]),
            ...leftOut(path, { zoneByOrdinal, zones, placement }, "beside alongside"),
        ];
        return problems.map((problem) => formatProblem(problem));
    });
}

/** An alias is a name that no storage has any more, and that one storage had. */
function mistaken(storages: Record<string, StorageArgs>): string[] {
    const all = Object.values(storages).flatMap(({ aliases = [] }) => aliases);
    return Object.entries(storages).flatMap(([name, { aliases = [] }]) =>
        aliases
            .map((got, index) => ({ path: ["storages", name, "aliases", String(index)], got }))
            .filter(({ got }) => Object.hasOwn(storages, got) || all.indexOf(got) !== all.lastIndexOf(got))
            .map(({ path, got }) =>
                formatProblem({ path, rule: "must be a name that no storage has and one alone had", got }),
            ),
    );
}

function parsed(value: string): unknown {
    try {
        return JSON.parse(value);
    } catch {
        return value;
    }
}

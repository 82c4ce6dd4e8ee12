import type { ClusterAccess } from "./clusterAccess";
import { argoManagers, fluxManagers, mayBeOfArgo, scalersOf } from "./managers";
import type { Made, Manager } from "./managers";
import { controllerOf, groups } from "./objects";
import type { ClusterObject, Kind, Place } from "./objects";
import { textOf } from "./outcome";
import { foreignOwner } from "./owners";

/** Managers of an object, outermost first, and what is in the way of suspending them. */
export interface ManagersFound {
    readonly managers: readonly Manager[];
    readonly problems: readonly string[];
}

/** Reads each object and each list once. */
export class Lookups {
    private readonly objects = new Map<string, Promise<ClusterObject | undefined>>();
    private readonly lists = new Map<string, Promise<readonly ClusterObject[]>>();

    public constructor(
        private readonly access: Pick<ClusterAccess, "read" | "list">,
        /** Owners whose operators are paused, as `<Kind>/<namespace>/<name>`. */
        private readonly paused: readonly string[],
    ) {}

    /** An object, if it is there. */
    public read(place: Place): Promise<ClusterObject | undefined> {
        const key = textOf(place);
        const object = this.objects.get(key) ?? this.access.read(place);
        this.objects.set(key, object);
        return object;
    }

    /** The objects of a kind in a namespace, or in all. */
    public list(kind: Kind, namespace?: string): Promise<readonly ClusterObject[]> {
        const key = `${kind} ${namespace ?? ""}`;
        const list = this.lists.get(key) ?? this.access.list(kind, namespace);
        this.lists.set(key, list);
        return list;
    }

    /** All that would undo a stop of an object. A GitOps tool may undo the suspension of another one, too. */
    public async managersOf(made: Made, seen: Set<string> = new Set()): Promise<ManagersFound> {
        const managers: Manager[] = [];
        const problems: string[] = [];
        for (const manager of await this.direct(made)) {
            const object = seen.has(textOf(manager)) ? undefined : await this.read(manager);
            seen.add(textOf(manager));
            if (object) {
                const { kind, namespace, name } = manager;
                const { group } = groups[kind];
                const above = await this.managersOf({ kind, group, metadata: object.metadata }, seen);
                const owner = controllerOf(object.metadata);
                const isPaused = owner && this.paused.includes(`${owner.kind}/${namespace}/${owner.name}`);
                managers.push(...above.managers, { kind, namespace, name });
                problems.push(...above.problems);
                problems.push(...(owner && !isPaused ? [foreignOwner(kind, object.metadata, owner)] : []));
            }
        }
        return { managers, problems };
    }

    private async direct(made: Made): Promise<readonly Manager[]> {
        const { namespace = "", name = "" } = made.metadata;
        const applications = mayBeOfArgo(made) ? await this.list("Application") : [];
        const scaled = made.group === "apps" ? await this.list("ScaledObject", namespace) : [];
        const scalers = scalersOf({ kind: made.kind, name }, scaled).map(({ metadata }) => ({
            kind: "ScaledObject" as const,
            namespace,
            name: metadata.name ?? "",
        }));
        return [...fluxManagers(made.metadata), ...argoManagers(made, applications), ...scalers];
    }
}

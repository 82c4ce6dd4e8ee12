import { isVolumeType } from "../../components/engine/resourceTypes";
import { doOrThrow, stdoutOrThrow } from "../engine/pulumi";
import type { Pulumi } from "../engine/pulumi";
import { withFile } from "../engine/withFile";
import { deploymentOf } from "../inspect/state";
import type { Resource } from "../inspect/state";
import type { RecordedMove } from "./journal";
import type { Means } from "./means";

/** Volumes and snapshots in the state that moves have made. */
export async function madeBy(
    moves: readonly RecordedMove[],
    { pulumi }: Pick<Means, "pulumi">,
): Promise<Resource[]> {
    const exported = stdoutOrThrow(await pulumi.ask(["stack", "export"]));
    const { resources = [] } = deploymentOf(exported, "the stack's state");
    return resources.filter(isOfMove(moves));
}

/** The volume that a move has made, among the resources of moves; undefined if it has none. */
export function volumeOf(move: RecordedMove, made: readonly Resource[]): Resource | undefined {
    const isOwn = isOfMove([move]);
    return made.find((one) => isVolumeType(one.type) && isOwn(one));
}

/** Whether a resource is the volume or the snapshot that a move has made. */
function isOfMove(moves: readonly RecordedMove[]): (resource: Resource) => boolean {
    const names = new Set(moves.map((move) => `::${madeName(move)}`));
    return ({ type, urn }) =>
        /^aws:ebs\/(volume|snapshot):/.test(type) && names.has(urn.slice(urn.lastIndexOf("::")));
}

/** Name of the resources that a move makes. */
export function madeName({ storage, ordinal, before }: RecordedMove): string {
    return `${storage}-${ordinal}-moved-${before + 1}`;
}

interface StateResource {
    readonly urn: string;
    readonly dependencies?: readonly string[];
    readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** Has the state forget resources, and that others depend on them. In AWS they stay as they are. */
export async function forget(pulumi: Pulumi, resources: readonly Resource[]): Promise<void> {
    const gone = new Set(resources.map(({ urn }) => urn));
    const state = JSON.parse(stdoutOrThrow(await pulumi.ask(["stack", "export"]))) as {
        deployment: { resources: StateResource[] };
    };
    const without = (urns: readonly string[]) => urns.filter((urn) => !gone.has(urn));
    state.deployment.resources = state.deployment.resources
        .filter(({ urn }) => !gone.has(urn))
        .map(({ dependencies, propertyDependencies, ...resource }) => ({
            ...resource,
            ...(dependencies && { dependencies: without(dependencies) }),
            ...(propertyDependencies && {
                propertyDependencies: Object.fromEntries(
                    Object.entries(propertyDependencies).map(([key, urns]) => [key, urns && without(urns)]),
                ),
            }),
        }));
    await withFile(JSON.stringify(state), (path) =>
        doOrThrow(pulumi, ["stack", "import", "--file", ...path]),
    );
}

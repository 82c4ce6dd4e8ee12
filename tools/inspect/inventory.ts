import type { Clients } from "./clients";
import { readCluster } from "./cluster";
import type { Cluster } from "./cluster";
import { clusterNamesOf } from "./clusterNames";
import type { NameSources } from "./clusterNames";
import { readEc2 } from "./ec2";
import type { Ec2, Wanted } from "./ec2";
import { messageOf } from "./errors";
import type { Note, Target } from "./target";
import { readStackState, regionOf } from "./stack";
import type { State } from "./state";

/** What was read of the cluster, EC2 and the state. */
export interface Inventory {
    readonly cluster: Cluster;
    readonly ec2?: Ec2;
    readonly state?: State;
    /** Names that volumes have for the cluster, in their tag KubernetesCluster. */
    readonly clusterNames: readonly string[];
}

/**
 * Reads the cluster, EC2 and the stack's state, and changes nothing.
 *
 * @param note - Told, a line at a time, what couldn't be looked at and why.
 * @throws Error if Kubernetes, or what the target names, can't be read.
 */
export async function readInventory(clients: Clients, target: Target, note: Note): Promise<Inventory> {
    const [cluster, state] = await Promise.all([
        readCluster(clients, note),
        readStackState(clients, target, note),
    ]);
    const { ec2, clusterNames, unsure } = await readAccount(clients, { cluster, state }, target, note);
    if (unsure !== undefined) {
        note(`volumes that nobody knows weren't looked for: ${unsure}`);
    }
    return { cluster, state, ec2, clusterNames };
}

/**
 * Reads EC2, if it can be reached, and finds out how the cluster is called there.
 *
 * @returns what is there, and why no name of the cluster is sure.
 */
export async function readAccount(
    clients: Clients,
    { cluster, state }: Wanted,
    target: Target,
    note: Note,
): Promise<Pick<Inventory, "ec2" | "clusterNames"> & { readonly unsure?: string }> {
    const told = {
        given: target.cluster === undefined ? [] : [target.cluster],
        inState: state?.volumes.flatMap(({ clusterName, storage }) => (storage && clusterName) ?? []) ?? [],
    };
    try {
        const { ec2, inTags } = await readEc2(
            clients,
            { cluster, state },
            await regionOf(clients, state, target),
            told,
        );
        const sources = { ...told, inTags };
        const clusterNames = clusterNamesOf(sources);
        return { ec2, clusterNames, unsure: clusterNames.length === 0 ? whyNot(sources) : undefined };
    } catch (error) {
        note(`EC2 wasn't looked at: ${messageOf(error)}; check the credentials, AWS_PROFILE and AWS_REGION`);
        return { clusterNames: clusterNamesOf({ ...told, inTags: [] }) };
    }
}

function whyNot({ given, inState, inTags }: NameSources): string {
    const [told, tagged] = [[...given, ...inState], inTags].map((names) =>
        [...new Set(names)].sort().join(" and "),
    );
    if (tagged === "") {
        return "the cluster's name isn't known, give --cluster <name>";
    }
    return told === ""
        ? `the cluster has volumes with the tags of ${tagged}, give --cluster <name>`
        : `the cluster has volumes with the tags of ${tagged}, not of ${told}; check --cluster, the stack and the kubeconfig's context`;
}

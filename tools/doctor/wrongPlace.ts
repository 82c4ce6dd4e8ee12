import { nameOf } from "../inspect/persistentVolumes";
import { volumesById } from "../inspect/ec2";
import type { Finding } from "./finding";
import type { Inventory } from "../inspect/inventory";
import { ownCommand } from "../terminal/ownCommand";
import { namedVolumes } from "./volumeFindings";

/** The sources that were read; without the cluster if it could not be. */
type Found = Pick<Inventory, "ec2" | "state"> & Partial<Pick<Inventory, "cluster">>;

/** If none of several known things is found, the account, region or cluster is probably wrong. One thing is no sign. */
export function wrongPlaceFindings(inventory: Found): Finding[] {
    return [...inEc2(inventory), ...inKubernetes(inventory)];
}

function inEc2({ ec2, ...inventory }: Found): Finding[] {
    const named = namedVolumes(inventory);
    const volumes = ec2 && volumesById(ec2);
    if (!volumes || named.length < 2 || named.some(({ volumeId }) => volumes.has(volumeId))) {
        return [];
    }
    return [
        {
            what: `EC2 has none of the ${named.length} volumes that PersistentVolumes or the state name in ${ec2.region}: most likely this is another account or region`,
            mend: [
                "aws sts get-caller-identity",
                "set AWS_PROFILE and AWS_REGION to the right ones, then",
                ownCommand("doctor"),
                "if they are right, pulumi up after a refresh would make EMPTY volumes: restore from snapshots first",
            ],
        },
    ];
}

function inKubernetes({ cluster, state }: Found): Finding[] {
    if (!cluster) {
        return [];
    }
    const inState = state?.persistentVolumes.filter(({ storage }) => storage !== undefined) ?? [];
    const here = new Set(cluster.persistentVolumes.map(nameOf));
    if (inState.length < 2 || inState.some(({ name }) => here.has(name))) {
        return [];
    }
    return [
        {
            what: `the cluster of context ${cluster.context} has none of the ${inState.length} PersistentVolumes of the state: most likely it is another cluster`,
            mend: [
                "kubectl config get-contexts",
                "change to the right one, then",
                ownCommand("doctor"),
                "if it is the right one,",
                "pulumi refresh",
                "pulumi up",
            ],
        },
    ];
}

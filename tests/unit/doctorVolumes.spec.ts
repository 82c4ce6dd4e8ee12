import type { Volume } from "@aws-sdk/client-ec2";
import {
    allInState,
    both,
    bothVolumes,
    inventoryWith,
    reportsFindings,
    state,
    volume,
} from "../support/fixtures/twoDisks";

const left = (different: Partial<Volume> = {}) => volume("vol-2", "data-2", different);

describe("doctor: volumes", () => {
    reportsFindings([
        [
            "a volume of the state that EC2 doesn't have",
            inventoryWith({ volumes: [bothVolumes[0]!], state: allInState }),
            [
                {
                    what: "volume vol-1 (PersistentVolume data-1, data-1 in the state) isn't in EC2 in eu-west-1: a pulumi up after a refresh would make an EMPTY one in its place",
                    mend: [
                        "aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=vol-1 --region=eu-west-1",
                        "restore first: set overrides.1.snapshotId of storage data to its last snapshot, overrides.1.lostVolumeId to vol-1, and only then",
                        "pulumi refresh",
                        "pulumi up",
                    ],
                },
            ],
        ],
        [
            "a volume of a PersistentVolume that EC2 doesn't have",
            inventoryWith({ volumes: [bothVolumes[0]!] }),
            [
                {
                    what: "volume vol-1 (PersistentVolume data-1) isn't in EC2 in eu-west-1: if it is a stack's, a pulumi up after a refresh would make an EMPTY one in its place",
                    mend: [
                        "aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=vol-1 --region=eu-west-1",
                        "restore: make a volume from its last snapshot, and have the PersistentVolume made again for that one",
                    ],
                },
            ],
        ],
        [
            "a volume in state error",
            inventoryWith({
                volumes: [bothVolumes[0]!, volume("vol-1", "data-1", { State: "error" })],
                state: allInState,
            }),
            [
                {
                    what: "volume vol-1 (PersistentVolume data-1, data-1 in the state) is in state error: EC2 can't recover what it held",
                    mend: [
                        "aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=vol-1 --region=eu-west-1",
                        "restore first: set overrides.1.snapshotId of storage data to its last snapshot, overrides.1.lostVolumeId to vol-1, and only then",
                        "aws ec2 delete-volume --volume-id=vol-1 --region=eu-west-1",
                        "pulumi refresh",
                        "pulumi up",
                    ],
                },
            ],
        ],
        [
            "a volume of the state without PersistentVolume, which the state still has",
            inventoryWith({ persistentVolumes: [both[0]!], state: allInState }),
            [
                {
                    what: "volume vol-1 (data-1 in the state) has no PersistentVolume in the cluster of context proyecto",
                    mend: ["pulumi refresh", "pulumi up"],
                },
            ],
        ],
        [
            "a volume of the state without PersistentVolume in state or cluster",
            inventoryWith({
                persistentVolumes: [both[0]!],
                state: state({ "data-0": "vol-0", "data-1": "vol-1" }, { "data-0": "vol-0" }),
            }),
            [
                {
                    what: "volume vol-1 (data-1 in the state) has no PersistentVolume in the cluster of context proyecto",
                    mend: ["pulumi up"],
                },
            ],
        ],
        [
            "volumes of the state that are only read, or replaced",
            inventoryWith({ state: state({ "data-5": "vol-5" }, {}, { external: true }) }),
            [],
        ],
        [
            "an inventory of another account, once for all volumes",
            inventoryWith({ volumes: [left()], state: allInState }),
            [
                {
                    what: "EC2 has none of the 2 volumes that PersistentVolumes or the state name in eu-west-1: most likely this is another account or region",
                    mend: [
                        "aws sts get-caller-identity",
                        "set AWS_PROFILE and AWS_REGION to the right ones, then",
                        "npx zonal-persistent-storage doctor",
                        "if they are right, pulumi up after a refresh would make EMPTY volumes: restore from snapshots first",
                    ],
                },
            ],
        ],
        [
            "an inventory of another cluster, once for all volumes",
            inventoryWith({ persistentVolumes: [], volumes: [...bothVolumes, left()], state: allInState }),
            [
                {
                    what: "the cluster of context proyecto has none of the 2 PersistentVolumes of the state: most likely it is another cluster",
                    mend: [
                        "kubectl config get-contexts",
                        "change to the right one, then",
                        "npx zonal-persistent-storage doctor",
                        "if it is the right one,",
                        "pulumi refresh",
                        "pulumi up",
                    ],
                },
            ],
        ],
        ["healthy disks", inventoryWith({ state: allInState }), []],
        ["healthy disks, without a state", inventoryWith(), []],
        [
            "an empty inventory",
            inventoryWith({ persistentVolumes: [], volumes: [], nodes: [], clusterNames: [] }),
            [],
        ],
    ]);
});

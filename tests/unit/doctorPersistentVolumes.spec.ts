import {
    allInState,
    both,
    bothVolumes,
    inventoryWith,
    node,
    persistentVolume,
    reportsFindings,
    volume,
    zones,
} from "../support/fixtures/twoDisks";

const stranded = [
    "add nodes in eu-west-1b",
    "or see which disks have a snapshot to be moved from,",
    "npx zonal-persistent-storage map --zone=eu-west-1b",
    "and move them: docs/runbooks.md, A zone has failed",
];

describe("doctor: PersistentVolumes and zones", () => {
    reportsFindings([
        [
            "a PersistentVolume for another zone than its volume's",
            inventoryWith({
                volumes: [bothVolumes[0]!, volume("vol-1", "data-1", { AvailabilityZone: zones.c })],
                state: allInState,
            }),
            [
                {
                    what: "PersistentVolume data-1 is for nodes in eu-west-1b, but its volume vol-1 is in eu-west-1c, where alone it can be attached",
                    mend: [
                        "kubectl delete pv/data-1",
                        "the volume stays; have the PersistentVolume made again for eu-west-1c:",
                        "pulumi refresh",
                        "pulumi up",
                    ],
                },
            ],
        ],
        [
            "a PersistentVolume for another zone, bound, with reclaim policy Delete and of no stack",
            inventoryWith({
                persistentVolumes: [
                    both[0]!,
                    {
                        ...both[1]!,
                        spec: {
                            ...both[1]!.spec,
                            persistentVolumeReclaimPolicy: "Delete",
                            claimRef: { namespace: "shop", name: "mine" },
                        },
                        status: { phase: "Bound" },
                    },
                ],
                volumes: [bothVolumes[0]!, volume("vol-1", "data-1", { AvailabilityZone: zones.c })],
            }),
            [
                {
                    what: "PersistentVolume data-1 is for nodes in eu-west-1b, but its volume vol-1 is in eu-west-1c, where alone it can be attached",
                    mend: [
                        `kubectl patch pv/data-1 --patch='{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
                        "end the pods of its claim, then",
                        "kubectl delete pvc/mine --namespace=shop",
                        "kubectl delete pv/data-1",
                        "the volume stays; have the PersistentVolume made again for eu-west-1c, by its stack if it has one:",
                        "pulumi refresh",
                        "pulumi up",
                    ],
                },
            ],
        ],
        [
            "a PersistentVolume of the stack with reclaim policy Delete",
            inventoryWith({
                persistentVolumes: [
                    both[0]!,
                    { ...both[1]!, spec: { ...both[1]!.spec, persistentVolumeReclaimPolicy: "Delete" } },
                ],
                state: allInState,
            }),
            [
                {
                    what: "PersistentVolume data-1 has the reclaim policy Delete: volume vol-1 would be deleted with its data after the claim is",
                    mend: [
                        `kubectl patch pv/data-1 --patch='{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'`,
                    ],
                },
            ],
        ],
        [
            "a PersistentVolume of no stack with reclaim policy Delete",
            inventoryWith({
                persistentVolumes: [
                    both[0]!,
                    { ...both[1]!, spec: { ...both[1]!.spec, persistentVolumeReclaimPolicy: "Delete" } },
                ],
            }),
            [],
        ],
        [
            "two PersistentVolumes of one volume, of which one is needed",
            inventoryWith({
                persistentVolumes: [...both, persistentVolume("copy", "vol-1")],
                state: allInState,
            }),
            [
                {
                    what: "PersistentVolumes data-1 and copy are for one volume, vol-1: pods that use both would destroy its data",
                    mend: ["kubectl delete pv/copy"],
                },
            ],
        ],
        [
            "two PersistentVolumes of one volume, and it isn't clear which is needed",
            inventoryWith({ persistentVolumes: [...both, persistentVolume("copy", "vol-1")] }),
            [
                {
                    what: "PersistentVolumes data-1 and copy are for one volume, vol-1: pods that use both would destroy its data",
                    mend: [
                        "keep the one that is needed, and delete the other; the volume stays:",
                        "kubectl delete pv/data-1",
                        "kubectl delete pv/copy",
                    ],
                },
            ],
        ],
        [
            "disks in zones without nodes that take pods",
            inventoryWith({
                nodes: [
                    node(zones.b, { ready: "Unknown" }),
                    node(zones.b, { spec: { unschedulable: true } }),
                    node(zones.b, {
                        spec: {
                            taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
                        },
                    }),
                    node(zones.c),
                ],
            }),
            [
                {
                    what: "there is no ready, schedulable node in eu-west-1b: pods of PersistentVolume data-0, data-1 can't start",
                    mend: stranded,
                },
            ],
        ],
        [
            "disks in zones without nodes, when EC2 can't be queried",
            inventoryWith({ volumes: null, nodes: [node(zones.c)] }),
            [
                {
                    what: "there is no ready, schedulable node in eu-west-1b: pods of PersistentVolume data-0, data-1 can't start",
                    mend: stranded,
                },
            ],
        ],
        ["nodes that the user may not see", inventoryWith({ nodes: null }), []],
    ]);
});

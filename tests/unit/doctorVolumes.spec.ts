import type { Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { volumeTags } from "../../components/plan/tags";
import { clusterNamesOf } from "../../tools/inspect/clusterNames";
import type { NameSources } from "../../tools/inspect/clusterNames";
import { findings } from "../../tools/doctor/findings";
import type { Finding } from "../../tools/doctor/finding";
import type { Inventory } from "../../tools/inspect/inventory";
import { readState } from "../../tools/inspect/state";
import {
    allInState,
    both,
    bothVolumes,
    clusterName,
    component,
    node,
    persistentVolume,
    inventoryWith,
    state,
    tags,
    volume,
    zones,
} from "../support/fixtures/twoDisks";

const stranded = [
    "add nodes in eu-west-1b",
    "or see which disks have a snapshot to be moved from,",
    "npx zonal-persistent-storage map --zone=eu-west-1b",
    "and move them: docs/runbooks.md, A zone has failed",
];
const left = (different: Partial<Volume> = {}) => volume("vol-2", "data-2", different);
const without = (key: string) => tags(volumeTags(clusterName, "data-0")).filter((tag) => tag.Key !== key);

const takeBack = [
    "to use it again, set overrides.2.volumeId of storage data to vol-2, then",
    "pulumi up",
    "to have it as the stack's own again after that",
    `pulumi import --parent=data=${component} --protect=false --generate-code=false -- aws:ebs/volume:Volume data-2 vol-2`,
    "remove the override, check that pulumi preview shows no replacement, then",
    "pulumi up",
];
const remove = [
    "or, if an interrupted pulumi up left it and you know that nobody needs what is on it",
    "aws ec2 delete-volume --volume-id=vol-2 --region=eu-west-1",
];

/** An inventory and all of its findings. */
const cases: [string, Inventory, Finding[]][] = [
    [
        "a volume that neither the state nor the cluster knows",
        inventoryWith({ volumes: [...bothVolumes, left()], state: allInState }),
        [
            {
                what: "volume vol-2 (10 GiB, eu-west-1b, made on 2026-11-20) was made for PersistentVolume data-2, but neither the state of stack test nor a PersistentVolume of context proyecto knows it: an interrupted pulumi up left it behind, or deletionPolicy Retain kept it",
                mend: [...takeBack, ...remove],
            },
        ],
    ],
    [
        "the same without a state",
        inventoryWith({ volumes: [...bothVolumes, left()] }),
        [
            {
                what: "volume vol-2 (10 GiB, eu-west-1b, made on 2026-11-20) was made for PersistentVolume data-2, but no PersistentVolume of context proyecto knows it, and a stack's state wasn't there to ask: an interrupted pulumi up left it behind, or deletionPolicy Retain kept it",
                mend: [
                    ...takeBack.map((line) =>
                        // The shell would read from a file of that name.
                        line.replace(/(urn:pulumi:)test::[^:]+(\S+)/, "'$1<stack>::<project>$2'"),
                    ),
                    ...remove,
                ],
            },
        ],
    ],
    [
        "a volume of a PersistentVolume that has another",
        inventoryWith({ volumes: [...bothVolumes, volume("vol-2", "data-1")], state: allInState }),
        [
            {
                what: "volume vol-2 (10 GiB, eu-west-1b, made on 2026-11-20) was made for PersistentVolume data-1, but neither the state of stack test nor a PersistentVolume of context proyecto knows it: data-1 has volume vol-1, so most likely an interrupted pulumi up left this one behind, or else deletionPolicy Retain kept it",
                mend: [
                    "look at both first; if it holds something, give it an ordinal without a volume (overrides.<ordinal>.volumeId: vol-2)",
                    ...remove,
                ],
            },
        ],
    ],
    [
        "a volume that nobody knows and somebody uses, which is not to be deleted",
        inventoryWith({
            volumes: [...bothVolumes, left({ State: "in-use", Attachments: [{ InstanceId: "i-1" }] })],
            state: allInState,
        }),
        [
            {
                what: "volume vol-2 (10 GiB, eu-west-1b, made on 2026-11-20, attached to i-1) was made for PersistentVolume data-2, but neither the state of stack test nor a PersistentVolume of context proyecto knows it: an interrupted pulumi up left it behind, or deletionPolicy Retain kept it",
                mend: takeBack,
            },
        ],
    ],
    [
        "a volume that is being deleted",
        inventoryWith({ volumes: [...bothVolumes, left({ State: "deleting" })] }),
        [],
    ],
    [
        "a volume of another cluster",
        inventoryWith({
            volumes: [...bothVolumes, left({ Tags: tags(volumeTags("otro.k8s.local", "data-2")) })],
        }),
        [],
    ],
    [
        "a volume that the driver made",
        inventoryWith({
            volumes: [
                ...bothVolumes,
                left({ Tags: tags({ ...volumeTags(clusterName, "pvc-1"), CSIVolumeName: "pvc-1" }) }),
            ],
        }),
        [],
    ],
    [
        "a volume of another stack, whose PersistentVolume is in the cluster",
        inventoryWith({
            persistentVolumes: [...both, persistentVolume("logs-0", "vol-2")],
            volumes: [...bothVolumes, volume("vol-2", "logs-0")],
            state: allInState,
        }),
        [],
    ],
    [
        "a volume without the tags that policies ask for",
        inventoryWith({
            volumes: [
                volume("vol-0", "data-0", { Tags: without("ebs.csi.aws.com/cluster") }),
                volume("vol-1", "data-1", { Tags: [] }),
            ],
        }),
        [
            {
                what: "volume vol-0 (PersistentVolume data-0) lacks the tags ebs.csi.aws.com/cluster=true: the EBS CSI driver's IAM policy may keep it from being attached",
                mend: [
                    "aws ec2 create-tags --resources=vol-0 --tags Key=ebs.csi.aws.com/cluster,Value=true --region=eu-west-1",
                ],
            },
            {
                what: "volume vol-1 (PersistentVolume data-1) lacks the tags KubernetesCluster=proyecto.k8s.local and ebs.csi.aws.com/cluster=true: the EBS CSI driver's IAM policy may keep it from being attached",
                mend: [
                    "aws ec2 create-tags --resources=vol-1 --tags Key=KubernetesCluster,Value=proyecto.k8s.local Key=ebs.csi.aws.com/cluster,Value=true --region=eu-west-1",
                ],
            },
        ],
    ],
    [
        "a volume without a tag, and nobody knows the cluster's name",
        inventoryWith({
            volumes: [bothVolumes[1]!, volume("vol-0", "data-0", { Tags: [] })],
            clusterNames: [],
        }),
        [
            {
                what: "volume vol-0 (PersistentVolume data-0) lacks the tags KubernetesCluster=<cluster> and ebs.csi.aws.com/cluster=true: the EBS CSI driver's IAM policy may keep it from being attached",
                mend: [
                    "aws ec2 create-tags --resources=vol-0 --tags Key=KubernetesCluster,Value='<cluster>' Key=ebs.csi.aws.com/cluster,Value=true --region=eu-west-1",
                ],
            },
        ],
    ],
    [
        "a volume of EKS Auto Mode",
        inventoryWith({
            persistentVolumes: [
                persistentVolume("data-0", "vol-0", {
                    spec: { csi: { driver: "ebs.csi.eks.amazonaws.com", volumeHandle: "vol-0" } },
                }),
            ],
            volumes: [bothVolumes[0]!],
        }),
        [
            {
                what: "volume vol-0 (PersistentVolume data-0) lacks the tags eks:eks-cluster-name=proyecto.k8s.local: the EBS CSI driver's IAM policy may keep it from being attached",
                mend: [
                    "aws ec2 create-tags --resources=vol-0 --tags Key=eks:eks-cluster-name,Value=proyecto.k8s.local --region=eu-west-1",
                ],
            },
        ],
    ],
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
        "the same of one that a claim has, that deletes its volume and that no stack made",
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
        "two PersistentVolumes of one volume, of which one is needed",
        inventoryWith({ persistentVolumes: [...both, persistentVolume("copy", "vol-1")], state: allInState }),
        [
            {
                what: "PersistentVolumes copy and data-1 are for one volume, vol-1: pods that use both would destroy its data",
                mend: ["kubectl delete pv/copy"],
            },
        ],
    ],
    [
        "two PersistentVolumes of one volume, and it isn't clear which is needed",
        inventoryWith({ persistentVolumes: [...both, persistentVolume("copy", "vol-1")] }),
        [
            {
                what: "PersistentVolumes copy and data-1 are for one volume, vol-1: pods that use both would destroy its data",
                mend: [
                    "keep the one that is needed, and delete the other; the volume stays:",
                    "kubectl delete pv/copy",
                    "kubectl delete pv/data-1",
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
        "the same where EC2 can't be asked",
        inventoryWith({ volumes: null, nodes: [node(zones.c)] }),
        [
            {
                what: "there is no ready, schedulable node in eu-west-1b: pods of PersistentVolume data-0, data-1 can't start",
                mend: stranded,
            },
        ],
    ],
    ["nodes that the user may not see", inventoryWith({ nodes: null }), []],
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
        "a volume that EC2 has given up",
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
        "another account, where all would be lost",
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
        "another cluster, where all would be left behind",
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
    ["disks that are as they should be", inventoryWith({ state: allInState }), []],
    ["disks that are as they should be, without a state", inventoryWith(), []],
    [
        "nothing at all",
        inventoryWith({ persistentVolumes: [], volumes: [], nodes: [], clusterNames: [] }),
        [],
    ],
];

describe("doctor: volumes", () => {
    cases.forEach(([what, all, expected]) =>
        it(`reports ${expected.length === 0 ? "nothing" : "a problem"} for ${what}`, () => {
            assert.deepEqual(findings(all), expected);
        }),
    );

    const names: [string, NameSources, string[]][] = [
        ["the option", { given: ["a"], inState: [], inTags: [] }, ["a"]],
        ["the state", { given: [], inState: ["a", "a"], inTags: [] }, ["a"]],
        ["tags", { given: [], inState: [], inTags: ["a", "a"] }, ["a"]],
        ["nothing", { given: [], inState: [], inTags: [] }, []],
        ["tags that differ", { given: [], inState: [], inTags: ["a", "b"] }, []],
        ["the one of two clusters in the state", { given: [], inState: ["b", "a"], inTags: ["a"] }, ["a"]],
        ["no name that the cluster's volumes don't have", { given: ["a"], inState: [], inTags: ["b"] }, []],
    ];
    names.forEach(([what, sources, expected]) =>
        it(`takes the cluster's name from ${what}`, () => {
            assert.deepEqual(clusterNamesOf(sources), expected);
        }),
    );

    ["", "[]", "null", "5", "{}", "not JSON"].forEach((text) =>
        it(`rejects a text that is no state: ${JSON.stringify(text)}`, () => {
            assert.throws(() => readState(text, "--state a.json"), {
                message: '--state a.json must be the output of "pulumi stack export", got something else',
            });
        }),
    );

    it("reports an interrupted update with its operations", () => {
        const urn = `${component.replace(/::data$/, "")}$aws:ebs/volume:Volume::data-0`;
        const exported = { deployment: { pending_operations: [{ type: "creating", resource: { urn } }] } };
        const [finding] = findings(inventoryWith({ state: readState(JSON.stringify(exported), "it") }));
        assert.match(finding?.what ?? "", /was interrupted while creating data-0$/);
        assert.deepEqual(finding?.mend, ["npx zonal-persistent-storage recover"]);
    });

    it("reads the state of a stack without resources", () => {
        const none = { storages: [], volumes: [], persistentVolumes: [], formerlyNamed: [], interrupted: [] };
        const empty = { stack: "", project: undefined, region: undefined, ...none };
        ["{}", "null"].forEach((deployment) =>
            assert.deepEqual(readState(`{"version":3,"deployment":${deployment}}`, "it"), empty),
        );
    });
});

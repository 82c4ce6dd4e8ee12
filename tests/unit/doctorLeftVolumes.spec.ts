import type { Volume } from "@aws-sdk/client-ec2";
import { volumeTags } from "../../components/plan/tags";
import {
    allInState,
    both,
    bothVolumes,
    clusterName,
    component,
    inventoryWith,
    persistentVolume,
    reportsFindings,
    tags,
    volume,
} from "../support/fixtures/twoDisks";

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
    "or, if no other stack has it and you know that nobody needs what is on it",
    "aws ec2 delete-volume --volume-id=vol-2 --region=eu-west-1",
];

describe("doctor: volumes that no disk uses", () => {
    reportsFindings([
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
            "a volume that the cluster doesn't know, when there is no state",
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
                    what: "volume vol-2 (10 GiB, eu-west-1b, made on 2026-11-20) was made for PersistentVolume data-1, but neither the state of stack test nor a PersistentVolume of context proyecto knows it: data-1 has volume vol-1, so a move keeps this one with its data in the state of another stack, or deletionPolicy Retain kept it when its storage or its ordinal was taken away, or an interrupted pulumi up left it behind",
                    mend: [
                        "look at both first; if it holds something, give it an ordinal without a volume (overrides.<ordinal>.volumeId: vol-2)",
                        ...remove,
                    ],
                },
            ],
        ],
        [
            "an attached volume that no disk uses, without a command to delete it",
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
            "a volume without a tag, when the cluster's name is unknown",
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
    ]);
});

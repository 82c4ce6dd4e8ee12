// The floor: what any program needs for the same resources, as short as it can be written. It has none of the component's
// promises: a node that stops can move a disk to another zone, and a removed ordinal deletes its data.
import "../../program/fastStackTraces";
import { Volume } from "@pulumi/aws/ebs";
import { getInstances } from "@pulumi/aws/ec2";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones";
import { PersistentVolume } from "@pulumi/kubernetes/core/v1";
import { StorageClass } from "@pulumi/kubernetes/storage/v1";
import { Config } from "@pulumi/pulumi";

const config = new Config();
const clusterName = config.require("cluster");
const storageClassName = "manual-ebs";

const running = async (zone: string) => {
    const { ids } = await getInstances({
        filters: [
            { name: "instance.group-name", values: [`nodes.${clusterName}`] },
            { name: "availability-zone", values: [zone] },
        ],
    });
    return ids.length > 0 ? [zone] : [];
};
const zones = getAvailabilityZones({})
    .then(({ names }) => Promise.all(names.map(running)))
    .then((found) => found.flat().sort());

new StorageClass("manual-ebs", {
    metadata: { name: storageClassName },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
});
for (let ordinal = 1; ordinal <= config.requireNumber("count"); ordinal++) {
    const { id, availabilityZone } = new Volume(`jenkins-${ordinal}`, {
        availabilityZone: zones.then((names) => names[ordinal % names.length] ?? ""),
        size: 10,
        type: "gp2",
        tags: { KubernetesCluster: clusterName },
    });
    new PersistentVolume(`jenkins-${ordinal}`, {
        metadata: { name: `manual-ebs-${ordinal}`, labels: { type: "ebs" } },
        spec: {
            storageClassName,
            accessModes: ["ReadWriteOnce"],
            capacity: { storage: "10Gi" },
            persistentVolumeReclaimPolicy: "Retain",
            csi: { driver: "ebs.csi.aws.com", volumeHandle: id, fsType: "ext4" },
            nodeAffinity: {
                required: {
                    nodeSelectorTerms: [
                        {
                            matchExpressions: [
                                {
                                    key: "topology.kubernetes.io/zone",
                                    operator: "In",
                                    values: [availabilityZone],
                                },
                            ],
                        },
                    ],
                },
            },
        },
    });
}

import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import { all, Config } from "@pulumi/pulumi";
import { NodesPreset, ZonalPersistentStorage } from "zonal-persistent-storage";

const config = new Config();
const subnetIds = config.requireObject<string[]>("subnetIds");

const cluster = new aws.eks.Cluster("shop", {
    roleArn: config.require("clusterRoleArn"),
    vpcConfig: { subnetIds },
});
const data = new aws.eks.NodeGroup("data", {
    clusterName: cluster.name,
    nodeRoleArn: config.require("nodeRoleArn"),
    subnetIds,
    scalingConfig: { minSize: 3, desiredSize: 3, maxSize: 6 },
});
const driver = new aws.eks.Addon(
    "ebs-csi",
    { clusterName: cluster.name, addonName: "aws-ebs-csi-driver" },
    { dependsOn: data },
);

const kubeconfig = all([cluster.name, cluster.endpoint, cluster.certificateAuthority]).apply(
    ([name, server, { data: authority }]) =>
        JSON.stringify({
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
            users: [
                {
                    name,
                    user: {
                        exec: {
                            apiVersion: "client.authentication.k8s.io/v1beta1",
                            command: "aws",
                            args: ["eks", "get-token", "--cluster-name", name],
                        },
                    },
                },
            ],
            contexts: [{ name, context: { cluster: name, user: name } }],
            "current-context": name,
        }),
);

const storage = new ZonalPersistentStorage(
    "shop",
    {
        // EC2 is asked for the nodes once they run: the name alone may be known before.
        clusterName: all([cluster.name, data.arn]).apply(([name]) => name),
        nodes: { preset: NodesPreset.eks, groups: [data.nodeGroupName] },
        count: 3,
        volume: { sizeGiB: 100 },
    },
    { providers: { kubernetes: new kubernetes.Provider("shop", { kubeconfig }) }, dependsOn: driver },
);

export const { zones, volumes } = storage;

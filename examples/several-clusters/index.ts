import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import { ZonalPersistentStorage } from "zonal-persistent-storage";
import type { ZonalPersistentStorageArgs } from "zonal-persistent-storage";

interface Cluster {
    readonly region: aws.Region;
    /** Context of the kubeconfig. */
    readonly context: string;
    readonly storage: ZonalPersistentStorageArgs;
}

const volume = { sizeGiB: 20 };
const clusters: Record<string, Cluster> = {
    ireland: {
        region: "eu-west-1",
        context: "proyecto.k8s.local",
        storage: { clusterName: "proyecto.k8s.local", count: 3, volume },
    },
    frankfurt: {
        region: "eu-central-1",
        context: "tienda",
        storage: { clusterName: "tienda", nodes: { preset: "karpenter" }, count: 2, volume },
    },
};

/** The volumes of each cluster. */
export const volumes = Object.fromEntries(
    Object.entries(clusters).map(([name, { region, context, storage }]) => {
        const providers = {
            aws: new aws.Provider(name, { region }),
            kubernetes: new kubernetes.Provider(name, { context }),
        };
        return [name, new ZonalPersistentStorage(name, storage, { providers }).volumes];
    }),
);

import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource, interpolate } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { ZonalPersistentStorage } from "zonal-persistent-storage";
import type { VolumeRecord } from "zonal-persistent-storage";

/** Arguments of {@link Jenkins}. */
export interface JenkinsArgs {
    /** Name of the Kubernetes cluster. */
    clusterName: Input<string>;
    /** Size of the home's disk in GiB. */
    sizeGiB: Input<number>;
}

/** Jenkins, with a disk for its home. */
export class Jenkins extends ComponentResource {
    /** The disk. */
    public readonly volumes: Output<VolumeRecord[]>;

    public constructor(name: string, { clusterName, sizeGiB }: JenkinsArgs, opts?: ComponentResourceOptions) {
        super("acme:index:Jenkins", name, { clusterName, sizeGiB }, opts);
        const labels = { app: name };
        // With this parent it has the providers that Jenkins was given, and Jenkins' protect.
        const storage = new ZonalPersistentStorage(
            name,
            {
                clusterName,
                count: 1,
                volume: { sizeGiB },
                claims: { statefulSet: name, template: "home" },
            },
            { parent: this },
        );
        new kubernetes.apps.v1.StatefulSet(
            name,
            {
                metadata: { name },
                spec: {
                    serviceName: name,
                    selector: { matchLabels: labels },
                    template: {
                        metadata: { labels },
                        spec: {
                            securityContext: { fsGroup: 1000 },
                            containers: [
                                {
                                    name: "jenkins",
                                    image: "jenkins/jenkins:lts",
                                    volumeMounts: [{ name: "home", mountPath: "/var/jenkins_home" }],
                                },
                            ],
                        },
                    },
                    volumeClaimTemplates: [
                        {
                            metadata: { name: "home" },
                            spec: {
                                accessModes: ["ReadWriteOnce"],
                                storageClassName: storage.storageClassName,
                                resources: { requests: { storage: interpolate`${sizeGiB}Gi` } },
                            },
                        },
                    ],
                },
            },
            // The pod finds its disk reserved, not one that another claim took first.
            { parent: this, dependsOn: storage },
        );
        this.volumes = storage.volumes;
        this.registerOutputs({ volumes: this.volumes });
    }
}

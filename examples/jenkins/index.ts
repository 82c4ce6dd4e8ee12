import { ZonalPersistentStorage } from "zonal-persistent-storage";

const jenkins = new ZonalPersistentStorage("jenkins", {
    clusterName: "proyecto.k8s.local",
    count: 3,
    start: 1,
    volume: { sizeGiB: 10, type: "gp2" },
    persistentVolume: { namePrefix: "manual-ebs", ordinalDigits: 2, labels: { type: "ebs" } },
    storageClass: { name: "manual-ebs" },
    deletionPolicy: "Delete",
    protect: false,
});

export const { zones, storageClassName, volumes } = jenkins;

import { Jenkins } from "./jenkins";

const jenkins = new Jenkins("jenkins", { clusterName: "proyecto.k8s.local", sizeGiB: 50 });

export const { volumes } = jenkins;

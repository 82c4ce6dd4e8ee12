import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { findings } from "./findings";

/** `npm run doctor`: what is in the way of the cluster's disks, and how to mend it. It changes nothing. */
async function main(): Promise<number> {
    const config = new KubeConfig();
    config.loadFromDefault();
    const api = config.makeApiClient(CoreV1Api);
    const [persistentVolumes, claims, pods] = await Promise.all([
        api.listPersistentVolume(),
        api.listPersistentVolumeClaimForAllNamespaces(),
        api.listPodForAllNamespaces(),
    ]);
    const found = findings({
        persistentVolumes: persistentVolumes.items,
        claims: claims.items,
        pods: pods.items,
    });
    found.forEach(({ what, mend }) => console.log([what, ...mend.map((line) => `    ${line}`)].join("\n")));
    console.log(found.length === 0 ? "nothing to mend" : `${found.length} to mend`);
    return found.length === 0 ? 0 : 1;
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(2);
    },
);

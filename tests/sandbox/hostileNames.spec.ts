import { CreateVolumeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { AppsV1Api } from "@kubernetes/client-node";
import type { V1PersistentVolume, V1Pod } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { claimFindings } from "../../tools/doctor/claimFindings";
import { findings } from "../../tools/doctor/findings";
import { podsIn } from "../../tools/inspect/pods";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { Servers } from "../../sandbox/servers";
import { firstStart, startSandbox } from "../support/cluster/sandbox";
import { node, persistentVolume, inventoryWith, zones } from "../support/fixtures/twoDisks";

const namespace = "default";

/** The doctor's commands as real `kubectl` and `aws` take them, where there are any. */
describe("the doctor's commands with hostile names, run in a shell", function () {
    this.timeout(60_000);

    let servers: Servers;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox());
    });
    after(() => end());

    const isThere = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
    const type = (command: string) =>
        spawnSync("sh", ["-c", command], {
            env: { ...process.env, ...servers.environment },
            encoding: "utf8",
        });

    it("scale no StatefulSet where a pod's owner is called --all", async function () {
        if (!isThere("kubectl", "version", "--client")) {
            return this.skip();
        }
        const apps = kubeConfig(servers).makeApiClient(AppsV1Api);
        const labels = { app: "innocent" };
        await apps.createNamespacedStatefulSet({
            namespace,
            body: {
                metadata: { name: "innocent" },
                spec: {
                    replicas: 2,
                    serviceName: "innocent",
                    selector: { matchLabels: labels },
                    template: { metadata: { labels }, spec: { containers: [{ name: "a", image: "a" }] } },
                },
            },
        });
        const metadata = { name: "claim", namespace };
        const disk = {
            ...persistentVolume("data-0", "vol-0"),
            metadata: { name: "data-0", deletionTimestamp: new Date() },
        } as V1PersistentVolume;
        const claimRef = metadata;
        const pod = {
            metadata: { name: "web-0", namespace, ownerReferences: [{ kind: "StatefulSet", name: "--all" }] },
            spec: { containers: [], volumes: [{ name: "a", persistentVolumeClaim: { claimName: "claim" } }] },
        } as unknown as V1Pod;
        const [found] = claimFindings({
            persistentVolumes: [{ ...disk, spec: { ...disk.spec, claimRef } }],
            claims: [{ metadata }],
            pods: podsIn([pod]),
        });
        const [command] = found!.mend;
        assert.equal(command, "kubectl scale statefulset/--all --namespace=default --replicas=0");
        const { status, stderr } = type(command);
        assert.match(stderr, /"--all" not found/);
        assert.notEqual(status, 0);
        const { spec } = await apps.readNamespacedStatefulSet({ name: "innocent", namespace });
        assert.equal(spec?.replicas, 2);
        await apps.deleteNamespacedStatefulSet({ name: "innocent", namespace });
    });

    ["a,Value@=file:///etc/passwd", "file:///etc/passwd", '"] --debug', "[{}]", "--region=x"].forEach(
        (name) =>
            it(`tag a volume with a cluster's name as it is: ${name}`, async function () {
                if (!isThere("aws", "--version")) {
                    return this.skip();
                }
                const ec2 = ec2Client(servers);
                const { VolumeId = "" } = await ec2.send(
                    new CreateVolumeCommand({ AvailabilityZone: zones.b, Size: 1 }),
                );
                const { Volumes: volumes = [] } = await ec2.send(
                    new DescribeVolumesCommand({ VolumeIds: [VolumeId] }),
                );
                const [found] = findings(
                    inventoryWith({
                        persistentVolumes: [persistentVolume("data-0", VolumeId)],
                        volumes,
                        nodes: [node(zones.b)],
                        clusterNames: [name],
                    }),
                );
                const { status, stderr } = type(found!.mend[0]!);
                assert.equal(status, 0, `${found!.mend[0]}: ${stderr}`);
                const { Volumes: [tagged] = [] } = await ec2.send(
                    new DescribeVolumesCommand({ VolumeIds: [VolumeId] }),
                );
                assert.equal(tagged?.Tags?.find(({ Key }) => Key === "KubernetesCluster")?.Value, name);
            }),
    );
});

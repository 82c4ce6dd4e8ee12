import { CreateSnapshotCommand, DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import { AppsV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error } from "../../sandbox/faults";
import type { FaultyServers } from "../../sandbox/faults";
import { failZone } from "../../sandbox/outage";
import type { Servers } from "../../sandbox/servers";
import { until } from "../../sandbox/until";
import { startCli } from "../support/cli/cli";
import { MovableStack } from "../support/cluster/movableStack";
import { firstStart } from "../support/cluster/sandbox";

const [b, c] = ["eu-west-1b", "eu-west-1c"];
const namespace = "default";

/** Mistakes and refusals in the middle, after which nothing may be lost and no pod may be down. */
describe("disks that can't leave a zone as asked, with the Pulumi CLI", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let faulty: FaultyServers;
    let stack: MovableStack;
    let apps: AppsV1Api;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, faulty, end } = await startCli(this, { sharesProcess: true }));
        stack = new MovableStack(servers, cli);
        await stack.start();
        apps = kubeConfig(servers).makeApiClient(AppsV1Api);
    });
    after(async () => {
        stack.stop();
        await end();
    });

    /** A pod with these claims. */
    const podOn = (...claims: readonly string[]) => ({
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "app", image: "app" }],
        volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
    });
    const podsOf = async (app: string, phase: string) => {
        const { items } = await stack.core.listNamespacedPod({ namespace, labelSelector: `app=${app}` });
        return items.filter(({ status }) => status?.phase === phase).length;
    };
    const running = (app: string, count: number) =>
        until(
            async () => ((await podsOf(app, "Running")) === count ? true : undefined),
            `${count} pods of ${app} to run`,
            60,
        );

    it("stay if their pod has a disk of somebody else in the zone", async () => {
        const metadata = { name: "foreign" };
        const affinity = { key: "topology.kubernetes.io/zone", operator: "In", values: [b] };
        const common = { accessModes: ["ReadWriteOnce"], storageClassName: "foreign" };
        await stack.core.createPersistentVolume({
            body: {
                metadata,
                spec: {
                    ...common,
                    capacity: { storage: "1Gi" },
                    csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-0foreign" },
                    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [affinity] }] } },
                },
            },
        });
        await stack.core.createNamespacedPersistentVolumeClaim({
            namespace,
            body: { metadata, spec: { ...common, resources: { requests: { storage: "1Gi" } } } },
        });
        const labels = { app: "both" };
        await stack.core.createNamespacedPod({
            namespace,
            body: { metadata: { name: "both", labels }, spec: podOn("mi-peticion", "foreign") },
        });
        await running("both", 1);
        const { status, stdout, stderr } = await stack.run("move", "peticion-0", `--to=${c}`, "--yes");
        assert.equal(status, 2, stdout + stderr);
        assert.match(stdout, /left where it is: peticion-0: .*PersistentVolume foreign.* eu-west-1b/);
        await running("both", 1);
        await stack.core.deleteNamespacedPod({ namespace, name: "both" });
    });

    it("go back, or on with a newer snapshot, where no volume could be made", async () => {
        await stack.core.deleteNamespacedPod({ namespace, name: "mi-pod", gracePeriodSeconds: 0 });
        const labels = { app: "app" };
        await apps.createNamespacedDeployment({
            namespace,
            body: {
                metadata: { name: "app" },
                spec: {
                    replicas: 1,
                    selector: { matchLabels: labels },
                    template: { metadata: { labels }, spec: podOn("mi-peticion") },
                },
            },
        });
        await running("app", 1);
        const settings = await readFile(stack.settingsFile, "utf8");
        const before = await stack.disks();
        const move = ["move", "peticion-0", `--to=${c}`, "--yes"] as const;
        faulty.ec2.fail(ec2Error(400, "VolumeLimitExceeded"), {
            matching: ({ body }) => body.includes("Action=CreateVolume"),
        });
        const failed = async () => {
            const { status, stdout, stderr } = await stack.run(...move);
            assert.equal(status, 1, stdout + stderr);
            assert.match(stderr, /VolumeLimitExceeded/);
        };
        await failed();
        const undone = await stack.run(...move, "--undo");
        assert.equal(undone.status, 0, undone.stdout + undone.stderr);
        assert.deepEqual(await stack.disks(), before);
        assert.equal(await readFile(stack.settingsFile, "utf8"), settings);
        await running("app", 1);

        await failed();
        faulty.ec2.heal();
        const body = [{ op: "replace", path: "/spec/replicas", value: 1 }];
        await apps.patchNamespacedDeploymentScale({ name: "app", namespace, body });
        await running("app", 1);
        const scaledAt = Math.floor(Date.now() / 1000) * 1000;
        const again = await stack.run(...move);
        assert.equal(again.status, 0, again.stdout + again.stderr);
        const { snapshotId = "" } = (await stack.disks()).get("peticion-0") ?? {};
        const { Snapshots = [] } = await stack.ec2.send(
            new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }),
        );
        assert.ok(
            Number(Snapshots[0]?.StartTime) >= scaledAt,
            "the snapshot has what the pod wrote meanwhile",
        );
        await running("app", 1);
    });

    it("can be moved back by another command where a pod doesn't run again", async () => {
        faulty.ec2.fail(ec2Error(400, "VolumeLimitExceeded"), {
            matching: ({ body }) => body.includes("Action=CreateVolume"),
        });
        const move = ["move", "peticion-0", `--to=${b}`, "--yes"] as const;
        const failed = await stack.run(...move);
        assert.match(failed.stderr, /VolumeLimitExceeded.*or go back with --undo/s);
        faulty.ec2.heal();
        const select = async (nodeSelector: object) => {
            const path = "/spec/template/spec/nodeSelector";
            const body = [{ op: "add", path, value: nodeSelector }];
            await apps.patchNamespacedDeployment({ name: "app", namespace, body });
        };
        await select({ disk: "fast" });
        const started = await stack.run(...move, "--timeout=0.2");
        assert.equal(started.status, 1, started.stdout + started.stderr);
        assert.match(started.stderr, /pod default\/app-.* doesn't run: .*or move the disks back with move/s);
        const undone = await stack.run(...move, "--undo");
        assert.equal(undone.status, 2, undone.stdout + undone.stderr);
        assert.match(undone.stderr, /or move the disks back with .* move peticion-0 --to=<zone>/);
        await select({});
        const back = await stack.run("move", "peticion-0", `--to=${c}`, "--yes");
        assert.equal(back.status, 0, back.stdout + back.stderr);
        assert.equal((await stack.disks()).get("peticion-0")?.zone, c);
        await running("app", 1);
    });

    it("stay if running pods of their StatefulSet would wait for one that can't start", async () => {
        const VolumeId = (await stack.disks()).get("web-3")?.volumeId ?? "";
        const { SnapshotId } = await stack.ec2.send(new CreateSnapshotCommand({ VolumeId }));
        await failZone(servers, b);
        const { status, stdout, stderr } = await stack.run("restore", "web-3", `--at=${SnapshotId}`, "--yes");
        assert.equal(status, 2, stdout + stderr);
        assert.match(
            stdout,
            /left where it is: web-3: StatefulSet default\/web starts its pods in turn: .*default\/web-3 would wait for default\/web-0/,
        );
        assert.ok((await podsOf("nginx", "Running")) >= 2);
    });
});

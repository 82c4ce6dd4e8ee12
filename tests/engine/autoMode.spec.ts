import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { join } from "node:path";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { until } from "../../sandbox/until";
import { mustRun, runWith, startCli } from "../support/cli/cli";
import { CommandLine } from "../support/cli/commandLine";
import { podOf } from "../support/cluster/diskCluster";
import { firstStart, project } from "../support/cluster/sandbox";
import { fences } from "../support/pages/fences";
import { commandsOf } from "../support/pages/runbook";

const cluster = { name: "proyecto.k8s.local" };
const namespace = "default";
const up = ["up", "--yes", "--skip-preview"];
const zone = "eu-west-1c";
const [ebs, autoMode] = ["ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com"];
const ownLabel = "topology.ebs.csi.eks.amazonaws.com/zone";
const computeType = { key: "eks.amazonaws.com/compute-type", operator: "In", values: ["auto"] };
const inZone = { key: "topology.kubernetes.io/zone", operator: "In", values: [zone] };

/** The component's 90 seconds for a deletion, which tests/component/claims.spec.ts looks at, are 10 here. */
const impatient = join(project, "tests", "support", "cli", "impatient", "index.ts");

/** Two nodes in one zone: one of EKS Auto Mode, with its labels, and one of another kind. docs/auto-mode.md. */
describe("EKS Auto Mode with the Pulumi CLI", function () {
    this.timeout(300_000);

    let cli: PulumiCli;
    let core: CoreV1Api;
    let commandLine: CommandLine;
    let autoNode: string;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        const sandbox = await startCli(this, { main: impatient, sharesProcess: true });
        ({ cli, end } = sandbox);
        core = kubeConfig(sandbox.servers).makeApiClient(CoreV1Api);
        commandLine = await CommandLine.of(sandbox.servers);
        const { items } = await core.listNode({ labelSelector: `topology.kubernetes.io/zone=${zone}` });
        assert.equal(items.length, 2);
        autoNode = items[0]!.metadata!.name!;
        const labels = [computeType.key, ownLabel].map((key) => ({
            op: "add",
            path: `/metadata/labels/${key.replaceAll("/", "~1")}`,
            value: key === ownLabel ? zone : "auto",
        }));
        await core.patchNode({ name: autoNode, body: labels });
    });
    after(() => end());
    afterEach(async () => {
        const { items } = await core.listNamespacedPod({ namespace });
        await Promise.all(items.map(({ metadata }) => endPod(metadata!.name!)));
        await cli.run(["state", "unprotect", "--all", "--yes"]);
        await cli.run(["destroy", "--yes", "--skip-preview"]);
    });

    const storage = (persistentVolume: object, claims: object = { names: ["datos"], create: true }) => ({
        cluster,
        storages: { db: { count: 1, zones: [zone], volume: { sizeGiB: 2 }, persistentVolume, claims } },
    });
    const persistentVolume = async () => {
        const { spec } = await core.readPersistentVolume({ name: "db-0" });
        const [term] = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
        return {
            id: spec?.csi?.volumeHandle,
            driver: spec?.csi?.driver,
            labels: term?.matchExpressions?.map((label) => ({ ...label })),
        };
    };
    /** Runs a pod with the claim until it has a node, and tells its name. */
    const nodeOfPod = async () => {
        await core.createNamespacedPod({ namespace, body: podOf("datos") });
        return until(
            async () => {
                const { spec, status } = await core.readNamespacedPod({ name: "datos", namespace });
                return status?.phase === "Running" ? spec?.nodeName : undefined;
            },
            "the pod to run",
            30,
        );
    };
    const endPod = async (name: string) => {
        await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 }).catch(() => undefined);
        await until(
            async () =>
                (await core.readNamespacedPod({ name, namespace }).catch(() => undefined)) === undefined ||
                undefined,
            `pod ${name} to be gone`,
            30,
        );
    };
    const replaced = (steps: readonly string[]) => steps.filter((step) => step.startsWith("replace"));

    it("takes a disk to Auto Mode and back behind the same claim, on the same volume", async () => {
        await mustRun(cli, storage({}), up);
        const first = await persistentVolume();
        assert.deepEqual([first.driver, first.labels], [ebs, [inZone]]);
        await nodeOfPod();

        const settings = storage({ csiDriver: autoMode });
        const preview = await runWith(cli, settings, ["preview"]);
        assert.equal(preview.code, 0, preview.text);
        assert.match(
            preview.text,
            /PersistentVolumes are made again, for driver ebs.csi.eks.*db-0\. Their volumes stay/,
        );
        // With a pod that runs, nothing is lost, and the same command ends it later.
        const early = await runWith(cli, settings, up);
        assert.notEqual(early.code, 0);
        assert.equal((await persistentVolume()).id, first.id);
        await endPod("datos");
        await mustRun(cli, settings, up);
        assert.deepEqual(await persistentVolume(), {
            id: first.id,
            driver: autoMode,
            labels: [inZone, computeType],
        });
        assert.equal(await nodeOfPod(), autoNode, "the other node of the zone can't attach it");
        await endPod("datos");

        await mustRun(cli, storage({ csiDriver: ebs }), up);
        assert.deepEqual(await persistentVolume(), first);
        assert.ok(await nodeOfPod());
        const again = await runWith(cli, storage({ csiDriver: ebs }), ["preview"]);
        assert.equal(Object.keys(again.changes).join(), "same", again.text);
    });

    it("takes the disks of a StatefulSet there, by the commands of docs/auto-mode.md", async () => {
        const commands = fences("docs/auto-mode.md")
            .filter(({ language }) => language === "sh")
            .flatMap(({ text }) => commandsOf(text));
        const settings = (persistentVolume: object) => ({
            cluster,
            storages: {
                web: {
                    count: 2,
                    zones: [zone],
                    volume: { sizeGiB: 1 },
                    persistentVolume,
                    claims: { statefulSet: "web", template: "www" },
                },
            },
        });
        const disks = async () =>
            (await core.listPersistentVolume()).items.map(({ spec }) => spec?.csi?.volumeHandle).sort();
        const nodesOfPods = () =>
            until(
                async () => {
                    const { items } = await core.listNamespacedPod({ namespace });
                    const nodes = items.flatMap(({ spec, status }) =>
                        status?.phase === "Running" ? (spec?.nodeName ?? []) : [],
                    );
                    return nodes.length === 2 ? nodes : undefined;
                },
                "two pods to run",
                30,
            );
        const kubectl = (words: string) => commandLine.run(["kubectl", ...words.split(" ")]);
        const end = async () => {
            for (const { words } of commands) {
                await commandLine.run(words);
            }
        };
        await mustRun(cli, settings({}), up);
        await kubectl("apply --filename examples/statefulset/web.yaml");
        await kubectl("scale statefulset web --replicas=2");
        await nodesOfPods();
        const before = await disks();
        await end();
        await mustRun(cli, settings({ csiDriver: autoMode }), up);
        await kubectl("scale statefulset web --replicas=2");
        assert.deepEqual(await nodesOfPods(), [autoNode, autoNode]);
        assert.deepEqual(await disks(), before);
        await end();
        await mustRun(cli, settings({ csiDriver: ebs }), up);
        await kubectl("scale statefulset web --replicas=2");
        await nodesOfPods();
        assert.deepEqual(await disks(), before);
        await end();
        await kubectl("delete statefulset web");
    });

    it("keeps the label of an earlier version until it is told another", async () => {
        await mustRun(cli, storage({ csiDriver: autoMode, zoneLabel: ownLabel }), up);
        const first = await persistentVolume();
        assert.deepEqual(first.labels, [{ ...inZone, key: ownLabel }]);
        const { changes, text } = await runWith(cli, storage({ csiDriver: autoMode }), ["preview"]);
        // The storage's own args only, which have one setting less.
        assert.deepEqual(changes, { update: 1, same: 5 }, text);
        assert.doesNotMatch(text, /made again/);

        const asked = storage({ csiDriver: autoMode, zoneLabel: inZone.key });
        assert.match((await runWith(cli, asked, ["preview"])).text, /PersistentVolumes are made again/);
        assert.ok(replaced(await mustRun(cli, asked, up)).every((step) => !step.includes("ebs/volume")));
        assert.deepEqual(await persistentVolume(), { ...first, labels: [inZone, computeType] });
        const later = await runWith(cli, storage({ csiDriver: autoMode }), ["preview"]);
        assert.deepEqual(later.changes, { update: 1, same: 5 }, later.text);
    });
});

import { AppsV1Api, CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { volumeTags } from "../../components/plan/tags";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { StatefulSet } from "../../sandbox/statefulSet";
import { until } from "../../sandbox/until";
import { ownerTag, tagsOf } from "../../tools/inspect/tags";
import { startCli } from "../support/cli/cli";
import type { CliSandbox } from "../support/cli/cli";
import { DiskCluster } from "../support/cluster/diskCluster";
import { attachVolumes, statefulSetOf, usage } from "../support/cluster/disksInUse";
import { firstStart, startSecondCluster } from "../support/cluster/sandbox";
import { runDoctorOn } from "../support/tools/doctor";
import { runOnStack, runRecover } from "../support/tools/onStack";

const [blueName, greenName] = ["proyecto.k8s.local", "verde.k8s.local"];
const green = {
    cluster: greenName,
    instances: ["eu-west-1b", "eu-west-1c"].map((zone) => ({
        cluster: greenName,
        role: "node" as const,
        zone,
    })),
};
const settingsOf = (cluster: string) => `config:
    aws:region: eu-west-1
    # One for each environment.
    zonal-persistent-storage:cluster:
        name: ${cluster}
`;
/** Disks of a StatefulSet, one with a claim of the stack's, and one on a volume that the stack only uses. */
const storagesWith = (volumeId: string) => `    zonal-persistent-storage:storages:
        data:
            count: 3
            volume:
                sizeGiB: 1
                tags:
                    team: "012"
            storageClass:
                name: fast
            claims:
                statefulSet: web
                template: data
        cache:
            count: 1
            volume:
                sizeGiB: 2
            claims:
                names:
                    - cache
                create: true
        old:
            count: 1
            volume:
                sizeGiB: 1
            overrides:
                "0":
                    volumeId: ${volumeId}
`;

/** The promises of docs/existing-disks.md on two clusters of one account, with the real engine. */
describe("disks that a second cluster takes over, with the Pulumi CLI", function () {
    this.timeout(300_000);

    let blue: CliSandbox;
    let verde: CliSandbox;
    let file: string;
    let ids: string[];
    let storages: string;
    const ends: (() => Promise<void>)[] = [];

    before(async function () {
        this.timeout(firstStart);
        blue = await startCli(this, { sharesProcess: true });
        ends.push(blue.end);
        verde = await startCli(this, {
            start: () => startSecondCluster(blue.servers, green),
            sharesProcess: true,
        });
        ends.push(verde.end);
        file = join(blue.cli.project, "disks.json");
        const used = await new DiskCluster(blue.servers).createVolume(
            { AvailabilityZone: "eu-west-1b", Size: 1 },
            volumeTags(blueName, "old-0"),
        );
        storages = storagesWith(used);
        await writeFile(settingsFile(blue), settingsOf(blueName) + storages);
        await writeFile(settingsFile(verde), settingsOf(greenName));
        await run(blue, "up", "--yes", "--skip-preview");
        await startPods(blue);
        await attachVolumes(blue.servers);
        ids = (await volumes()).map(({ VolumeId = "" }) => VolumeId);
        assert.equal(ids.length, 5);
    });
    after(async () => {
        for (const end of ends.reverse()) {
            await end();
        }
    });

    const settingsFile = ({ cli }: CliSandbox) => join(cli.project, "Pulumi.test.yaml");
    const settings = async (side: CliSandbox) =>
        (await readFile(settingsFile(side), "utf8")).replace(/^encryptionsalt: .*\n/m, "");
    const run = async ({ cli }: CliSandbox, ...command: string[]) => {
        const { code, stdout, stderr } = await cli.run(command);
        assert.equal(code, 0, stdout + stderr);
        return stdout;
    };
    const volumes = async () => {
        const all = await new DiskCluster(blue.servers).volumes();
        // The others are the instances' own.
        return all
            .filter((one) => ownerTag in tagsOf(one))
            .sort((a, b) => String(a.VolumeId).localeCompare(String(b.VolumeId)));
    };
    const tags = async () => (await volumes()).map(tagsOf);
    const startPods = async ({ servers }: CliSandbox) => {
        const body = statefulSetOf({ statefulSet: "web", template: "data", replicas: 3, className: "fast" });
        await kubeConfig(servers)
            .makeApiClient(AppsV1Api)
            .createNamespacedStatefulSet({ namespace: "default", body });
        await new StatefulSet(servers, "web").running(3);
    };
    const names = ["data", "cache", "old"];
    const release = (...args: string[]) =>
        runOnStack("release", blue.cli, blue.servers, [...names, "--hand-over", file, ...args]);
    const adopt = (args: string[], options?: Parameters<typeof runOnStack>[4]) =>
        runOnStack("adopt", verde.cli, verde.faulty.servers, ["--released", file, ...args], options);
    const volumesByOrdinal = async ({ servers }: CliSandbox) => {
        const { items } = await kubeConfig(servers).makeApiClient(CoreV1Api).listPersistentVolume();
        return new Map(
            items.map(({ metadata, spec }) => [
                metadata?.name,
                [spec?.csi?.volumeHandle, spec?.claimRef?.name],
            ]),
        );
    };

    it("leave the first stack, and nothing changes in its cluster", async () => {
        const before = await usage(blue.servers);
        const dry = await release("--dry-run");
        assert.deepEqual([dry.status, existsSync(file)], [2, false], dry.stdout + dry.stderr);
        const { status, stdout, stderr } = await release("--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual(await usage(blue.servers), before);
        assert.doesNotMatch(await run(blue, "stack", "export"), /"aws:ebs\/volume:Volume"/);
        // The CLI and the tool indent the file in their own ways.
        assert.equal(unindented(await settings(blue)), unindented(settingsOf(blueName)));
    });

    it("are refused while pods of the first cluster hold one of them", async () => {
        await new StatefulSet(blue.servers, "web").scale(1);
        await attachVolumes(blue.servers);
        const before = await tags();
        const { status, stdout, stderr } = await adopt(["--yes"]);
        assert.equal(status, 2, stdout + stderr);
        assert.match(stderr, /pods of cluster proyecto\.k8s\.local still hold disks: end those pods/);
        assert.equal(stderr.match(/ is attached to i-\w+ as \/dev\//g)?.length, 1, stderr);
        assert.deepEqual([await tags(), await settings(verde)], [before, settingsOf(greenName)]);
    });

    it("are only shown by --dry-run", async () => {
        await new StatefulSet(blue.servers, "web").scale(0);
        await attachVolumes(blue.servers);
        const before = await tags();
        const { status, stdout, stderr } = await adopt(["--dry-run"]);
        assert.equal(status, 2, stdout + stderr);
        assert.match(stdout, /5 disks of cluster proyecto\.k8s\.local to take over into verde\.k8s\.local/);
        assert.deepEqual([await tags(), await settings(verde)], [before, settingsOf(greenName)]);
    });

    it("end well in the second stack when adopt is killed and run again", async () => {
        const killed = async (isTime: (printed: string) => boolean) => {
            const kill = new AbortController();
            let printed = "";
            const ended = adopt(["--yes"], {
                kill: kill.signal,
                report: (text) => void (printed += text),
            });
            await until(() => Promise.resolve(isTime(printed) || undefined), "the time to kill", 120);
            kill.abort();
            assert.notEqual((await ended).status, 0, printed);
        };
        await killed((printed) => /^pulumi import$/m.test(printed));
        let isCreating = false;
        verde.faulty.kubernetes.fail("hang", {
            matching: ({ method, path }) =>
                (isCreating ||=
                    ["POST", "PATCH"].includes(method) &&
                    /\/persistentvolumes\b/.test(path) &&
                    !path.includes("dryRun")),
        });
        await killed(() => isCreating);
        verde.faulty.kubernetes.heal();
        const refused = await adopt(["--yes"]);
        assert.match(refused.stderr, /interrupted while creating .*: run npx \S+ recover, then this again/);
        const recovered = await runRecover(verde.cli, verde.servers, ["--yes"]);
        assert.equal(recovered.status, 0, recovered.stdout + recovered.stderr);
        const { status, stdout, stderr } = await adopt(["--yes"]);
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /in cluster proyecto\.k8s\.local, delete the claims and PersistentVolumes/);
        await run(verde, "preview", "--expect-no-changes");
    });

    it("are the same volumes, for the same claims, with the tags and settings of the second cluster", async () => {
        assert.deepEqual(
            (await volumes()).map(({ VolumeId }) => VolumeId),
            ids,
        );
        assert.deepEqual(await volumesByOrdinal(verde), await volumesByOrdinal(blue));
        (await tags()).forEach((one) => {
            assert.doesNotMatch(JSON.stringify(one), /proyecto/);
            assert.equal(one["KubernetesCluster"], greenName);
            assert.equal(one[`kubernetes.io/cluster/${greenName}`], "shared");
        });
        assert.equal((await tags()).filter(({ team }) => team === "012").length, 3);
        assert.deepEqual(parse(await settings(verde)), parse(settingsOf(greenName) + storages));
        await startPods(verde);
        await attachVolumes(verde.servers);
        assert.equal((await volumes()).filter(({ State }) => State === "in-use").length, 3);
    });

    it("are taken over already when the command is run again", async () => {
        const before = await usage(verde.servers);
        const { status, stdout, stderr } = await adopt(["--yes"]);
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual(await usage(verde.servers), before);
    });

    it("are another cluster's for the doctor of the first one, and stay when they are deleted there", async () => {
        const { status, stdout, stderr } = await runDoctorOn(blue.cli, blue.servers);
        assert.notEqual(status, 0, stdout + stderr);
        assert.match(stdout + stderr, /verde\.k8s\.local/);
        const core = kubeConfig(blue.servers).makeApiClient(CoreV1Api);
        for (const { metadata } of (await core.listPersistentVolume()).items) {
            await core.deletePersistentVolume({ name: String(metadata?.name) });
        }
        await core.deleteCollectionNamespacedPersistentVolumeClaim({ namespace: "default" });
        assert.equal((await volumes()).length, 5);
    });
});

function unindented(text: string): string {
    return text.replace(/^ +/gm, "");
}

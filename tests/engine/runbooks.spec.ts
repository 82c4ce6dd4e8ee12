import {
    CreateSnapshotCommand,
    DeleteVolumeCommand,
    DescribeVolumesCommand,
    TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client, Volume } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { VolumeRecord } from "../../components";
import { fillAccount } from "../../sandbox/accounts";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { SandboxReader, zoneOf } from "../../sandbox/readBack";
import { until } from "../../sandbox/until";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import type { Outcome } from "../support/cli/cli";
import { CommandLine } from "../support/cli/commandLine";
import { runDoctorOn } from "../support/tools/doctor";
import { runOnStack } from "../support/tools/onStack";
import { withSettings, commandsOf, runbook } from "../support/pages/runbook";
import type { Block, Command, Storages } from "../support/pages/runbook";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const namespace = "default";
const asks = ["up", "refresh", "import"];

/** Every command of docs/runbooks.md, one runbook after the other, against the real engine. */
describe("runbooks", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let directory: string;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let commandLine: CommandLine;
    let storages: Storages = {};
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, directory, end } = await startCli(this, { sharesProcess: true }));
        ec2 = ec2Client(servers);
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
        commandLine = await CommandLine.of(servers);
    });
    after(() => end());

    const pulumi = async (words: string[], environment: Command["environment"] = {}) => {
        const isAsking = asks.includes(words[0]!);
        const command = [...words, ...(isAsking ? ["--yes", "--skip-preview"] : [])];
        const outcome = await runWith(cli, { cluster, storages }, command, { environment });
        assert.equal(outcome.code, 0, outcome.text);
        return outcome;
    };
    const doctor = () => runDoctorOn(cli, servers);

    /** The output and the effects of a runbook's commands, in order. */
    interface Done {
        readonly command: string;
        readonly text: string;
        readonly steps: readonly string[];
    }
    /** Does what a runbook says. `valueOf` has what is in angle brackets, from what was printed before. */
    const follow = async (
        title: string,
        valueOf: (placeholder: string, done: readonly Done[]) => string = () => assert.fail("no placeholder"),
        blocks: readonly Block[] = runbook(title),
    ): Promise<Done[]> => {
        const done: Done[] = [];
        const filled = (text: string) => text.replace(/<([^>]+)>/g, (_, name: string) => valueOf(name, done));
        for (const { language, text } of blocks) {
            if (language === "yaml") {
                storages = withSettings(storages, filled(text));
            } else if (language === "json") {
                writeFileSync(join(directory, "project", "import.json"), filled(text));
            } else {
                for (const command of commandsOf(filled(text))) {
                    done.push({ command: command.words.join(" "), ...(await run(command)) });
                }
            }
        }
        return done;
    };
    const run = async ({ words, environment }: Command): Promise<Pick<Outcome, "text" | "steps">> => {
        if (words[0] === "pulumi") {
            return pulumi(words.slice(1), environment);
        }
        assert.deepEqual(environment, {});
        if (words.join(" ") === "npx zonal-persistent-storage doctor") {
            return { text: (await doctor()).stdout, steps: [] };
        }
        if (words.slice(0, 2).join(" ") === "npx zonal-persistent-storage") {
            return { text: await move(words[2]!, words.slice(3)), steps: [] };
        }
        return { text: await commandLine.run(words), steps: [] };
    };
    /** A command that moves disks. It writes into the stack's file. */
    const move = async (command: string, args: string[]) => {
        const isDry = args.includes("--dry-run");
        const { status, stdout, stderr } = await runOnStack(command, cli, servers, [
            ...args,
            ...(isDry ? [] : ["--yes"]),
        ]);
        assert.equal(status, isDry ? 2 : 0, stdout + stderr);
        const text = await readFile(join(cli.project, "Pulumi.test.yaml"), "utf8");
        storages = (parse(text) as { config: Record<string, Storages> }).config[
            "zonal-persistent-storage:storages"
        ]!;
        return stdout;
    };
    const printed = (done: readonly Done[], command: string) => {
        const texts = done.filter((one) => one.command.startsWith(command)).map(({ text }) => text);
        assert.notEqual(texts.length, 0, command);
        return texts;
    };
    const stepsOf = (done: readonly Done[], command = "pulumi up") =>
        done.filter((one) => one.command === command).map(({ steps }) => steps);

    const disks = async () => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        const outputs = JSON.parse(stdout) as Record<string, { volumes: VolumeRecord[] }>;
        return new Map(
            Object.entries(outputs).flatMap(([name, { volumes }]) =>
                volumes.map((disk): [string, VolumeRecord] => [`${name}-${disk.ordinal}`, disk]),
            ),
        );
    };
    const volume = async (id: string): Promise<Volume> => {
        const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
        return Volumes[0]!;
    };
    const takeSnapshot = async (id: string) => {
        const TagSpecifications = [{ ResourceType: "snapshot" as const, Tags: (await volume(id)).Tags }];
        const { SnapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId: id, TagSpecifications }));
        return SnapshotId!;
    };
    const pods = [
        ...[0, 1, 2, 3, 4].map((ordinal) => [`web-${ordinal}`, `www-web-${ordinal}`, `web-${ordinal}`]),
    ];
    const all = [...pods, ["mi-pod", "mi-peticion", "peticion-0"]];
    /** Every pod runs in the zone of its volume, with the claim that it always had. */
    const check = async () => {
        const now = await disks();
        for (const [pod, claim, disk] of all as [string, string, string][]) {
            const { spec, status } = await core.readNamespacedPod({ name: pod, namespace });
            assert.equal(status?.phase, "Running", pod);
            assert.ok(
                spec?.volumes?.some((one) => one.persistentVolumeClaim?.claimName === claim),
                pod,
            );
            const bound = await core.readNamespacedPersistentVolumeClaim({ name: claim, namespace });
            assert.deepEqual([bound.status?.phase, bound.spec?.volumeName], ["Bound", disk]);
            const persistentVolume = await core.readPersistentVolume({ name: disk });
            const { volumeId, zone } = now.get(disk)!;
            const node = await core.readNode({ name: spec?.nodeName ?? "" });
            assert.deepEqual(
                [
                    persistentVolume.spec?.csi?.volumeHandle,
                    zoneOf(persistentVolume),
                    (await volume(volumeId)).AvailabilityZone,
                    node.metadata?.labels?.["topology.kubernetes.io/zone"],
                ],
                [volumeId, zone, zone, zone],
                disk,
            );
        }
        return now;
    };
    /** Each of these disks is on another volume now, made from this snapshot, and the one before is there. */
    const checkMoved = async (
        before: Map<string, VolumeRecord>,
        after: Map<string, VolumeRecord>,
        moved: Record<string, { zone: string; snapshot?: string }>,
    ) => {
        for (const [name, { volumeId }] of before) {
            const move = moved[name];
            const now = after.get(name)!;
            if (!move) {
                assert.equal(now.volumeId, volumeId, `${name} stays`);
                continue;
            }
            assert.equal(now.zone, move.zone);
            const { SnapshotId } = await volume(now.volumeId);
            assert.equal(now.snapshotId, SnapshotId);
            assert.ok(now.keptVolumeIds.includes(volumeId));
            assert.equal((await volume(volumeId)).VolumeId, volumeId, "the old one is there");
            assert.equal(SnapshotId, move.snapshot ?? SnapshotId);
            assert.notEqual(SnapshotId, "");
        }
    };
    const failZone = async (zone: string) => {
        const instances = (await new SandboxReader(servers).instances()).filter(
            ({ Placement, SecurityGroups = [] }) =>
                Placement?.AvailabilityZone === zone &&
                SecurityGroups.some(({ GroupName }) => GroupName === `nodes.${cluster.name}`),
        );
        await ec2.send(
            new TerminateInstancesCommand({ InstanceIds: instances.map(({ InstanceId }) => InstanceId!) }),
        );
        const { items } = await core.listNode();
        const gone = items.filter(
            ({ metadata }) => metadata?.labels?.["topology.kubernetes.io/zone"] === zone,
        );
        await Promise.all(gone.map(({ metadata }) => core.deleteNode({ name: metadata!.name! })));
    };
    const kubectl = (command: string) => commandLine.run(["kubectl", ...command.split(" ")]);
    const ready = () => kubectl("rollout status statefulset web --timeout=60s");
    const [b, c] = ["eu-west-1b", "eu-west-1c"];

    it("start with running pods, each in its disk's zone", async () => {
        await follow("");
        await pulumi(["up"]);
        const { status, stdout } = await runOnStack("drill", cli, servers, [`--zone=${b}`]);
        assert.equal(status, 1);
        assert.match(
            stdout,
            /\nif eu-west-1b failed, 4 disks would be out of reach: peticion-0, web-0, web-2, web-4\n$/,
        );
        // Backups that aren't the newest: moto counts their time in seconds.
        for (const { volumeId } of (await disks()).values()) {
            await takeSnapshot(volumeId);
        }
        await kubectl("apply --filename examples/statefulset/web.yaml");
        await kubectl("apply --filename examples/named-claim/pod.yaml");
        await ready();
        await kubectl("wait --for=condition=Ready pod/mi-pod --timeout=60s");
        const zones = [...(await check())].map(([name, { zone }]) => `${name} ${zone}`);
        assert.deepEqual(
            zones,
            [...[b, c, b, c, b].map((zone, ordinal) => `web-${ordinal} ${zone}`), `peticion-0 ${b}`].sort(),
        );
    });

    it("move disks out of a failed zone", async () => {
        const before = await disks();
        const inZone = ["web-0", "web-2", "web-4", "peticion-0"];
        const moved: Record<string, { zone: string; snapshot: string }> = {};
        for (const name of inZone) {
            moved[name] = { zone: c, snapshot: await takeSnapshot(before.get(name)!.volumeId) };
        }
        await failZone(b);

        const done = await follow("A zone has failed");
        const [first, last] = printed(done, "npx zonal-persistent-storage doctor");
        assert.match(
            first!,
            /no ready, schedulable node in eu-west-1b: pods of PersistentVolume peticion-0, web-0/,
        );
        const [listed] = printed(done, "npx zonal-persistent-storage evacuate --zone eu-west-1b --dry-run");
        Object.entries(moved).forEach(([name, { snapshot }]) =>
            assert.match(listed!, new RegExp(`^ +${name} .* ${snapshot} +what was written since `, "m")),
        );
        assert.match(last!, /^no problems found$/m);
        inZone.forEach((name) =>
            assert.match(last!, new RegExp(`^volume ${before.get(name)!.volumeId} .* is kept`, "m")),
        );
        await checkMoved(before, await check(), moved);
        await fillAccount(servers, {
            cluster: cluster.name,
            instances: [{ cluster: cluster.name, role: "node", zone: b }],
        });
    });

    it("evacuate a zone and return with all data", async () => {
        await move("move", ["web-0", "web-2", "web-4", "peticion-0", "--to", b]);
        const before = await disks();
        const blocks = runbook("A zone is evacuated");
        const there =
            blocks.findIndex(({ text }) => text.includes("npx zonal-persistent-storage doctor")) + 1;
        const done = await follow("", undefined, blocks.slice(0, there));
        assert.match(printed(done, "npx zonal-persistent-storage doctor")[0]!, /^no problems found$/m);
        const between = await check();
        await checkMoved(before, between, { "web-1": { zone: b }, "web-3": { zone: b } });

        await follow("", undefined, blocks.slice(there));
        const after = await check();
        await checkMoved(between, after, { "web-1": { zone: c }, "web-3": { zone: c } });
        assert.equal(after.get("web-1")!.keptVolumeIds.length, 2);
    });

    it("release old volumes, which stay in EC2", async () => {
        const before = await disks();
        const { keptVolumeIds } = before.get("web-1")!;
        const done = await follow("Old volumes are released");
        assert.deepEqual(stepsOf(done), [
            [],
            [
                "delete Snapshot web-1-moved-1",
                "delete Snapshot web-1-moved-2",
                "delete Volume web-1",
                "delete Volume web-1-moved-1",
            ],
            [],
        ]);
        const after = await check();
        assert.deepEqual(after.get("web-1"), { ...before.get("web-1"), keptVolumeIds: [] });
        for (const id of keptVolumeIds) {
            assert.equal((await volume(id)).State, "available");
        }
    });

    it("restore a disk to a point in time", async () => {
        const before = await disks();
        const oldest = (_: string, done: readonly Done[]) =>
            /^snap-\w+/.exec(printed(done, "aws ec2 describe-snapshots")[0]!)![0];
        const done = await follow("One disk goes back to a point in time", oldest);
        const [first] = printed(done, "aws ec2 describe-snapshots");
        const [chosen, , from] = first!.split("\n")[0]!.split("\t");
        assert.ok(before.get("web-2")!.keptVolumeIds.includes(from!));
        await checkMoved(before, await check(), {
            "web-2": { zone: b, snapshot: chosen! },
        });
    });

    it("give a deleted claim its disk again", async () => {
        const before = await disks();
        await kubectl("scale statefulset web --replicas 3");
        await kubectl("wait --for=delete pod/web-3 pod/web-4 --timeout=60s");
        await kubectl("delete pvc www-web-3");
        await kubectl("scale statefulset web --replicas 5");
        const released = async () =>
            (await core.readPersistentVolume({ name: "web-3" })).status?.phase === "Released" || undefined;
        await until(released, "web-3 to be Released", 30);

        const done = await follow("A PersistentVolume is Released");
        const [first, last] = printed(done, "npx zonal-persistent-storage doctor");
        const patch = done.find(({ command }) => command.startsWith("kubectl patch"))!.command;
        assert.ok(first!.replaceAll("'", "").includes(`    ${patch}\n`), first);
        assert.doesNotMatch(last!, /Released/);
        assert.deepEqual(await check(), before);
    });

    it("restore a deleted volume", async () => {
        const before = await disks();
        const { volumeId } = before.get("web-1")!;
        const snapshot = await takeSnapshot(volumeId);
        await ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
        const done = await follow("A volume was deleted", (name) =>
            name === "volume" ? volumeId : snapshot,
        );
        assert.match(
            printed(done, "npx zonal-persistent-storage doctor")[0]!,
            new RegExp(`volume ${volumeId} .* isn't in EC2[^]*add a move with its last snapshot`),
        );
        assert.match(
            printed(done, "aws ec2 describe-snapshots")[0]!,
            new RegExp(`${snapshot}\\t.*${volumeId}\n$`),
        );
        const after = await check();
        const restored = after.get("web-1")!;
        assert.deepEqual([restored.zone, restored.snapshotId], [c, snapshot]);
        const others = (all: Map<string, VolumeRecord>) => [...all].filter(([name]) => name !== "web-1");
        assert.deepEqual(others(after), others(before));
    });

    it("rebuild a lost state", async () => {
        // The state of the others is lost for good: nothing here may touch what is theirs.
        const lose = () => cli.run(["stack", "rm", "--yes", "--force", "--preserve-config"]);
        const others = await disks();
        await lose();
        await cli.run(["stack", "init", "test"]);
        const [settings, ...blocks] = runbook("The state is lost");
        storages = withSettings(
            {},
            "storages: { data: { count: 3, volume: { sizeGiB: 10 }, claims: { names: [claim-0, claim-1, claim-2], create: true } } }",
        );
        await pulumi(["up"]);
        const first = (await disks()).get("data-2")!.volumeId;
        await takeSnapshot(first);
        storages = withSettings({}, settings!.text);
        await pulumi(["up"]);
        const before = await disks();
        const uids = async () =>
            Promise.all(
                [0, 1, 2].flatMap((ordinal) => [
                    core.readPersistentVolume({ name: `data-${ordinal}` }),
                    core.readNamespacedPersistentVolumeClaim({ name: `claim-${ordinal}`, namespace }),
                ]),
            ).then((objects) => objects.map(({ metadata }) => metadata?.uid));
        const uidsBefore = await uids();
        const volumesBefore = await new SandboxReader(servers).volumeIds();
        await lose();

        const done = await follow(
            "The state is lost",
            (name, before) => {
                if (name === "stack") {
                    return "test";
                }
                const disk = name.replace("volume of ", "");
                const [listed] = printed(before, "kubectl get pv");
                return new RegExp(`^\\s*${disk}\\s+(vol-\\w+)`, "m").exec(listed!)![1]!;
            },
            blocks,
        );
        const [preview, last] = stepsOf(done, "pulumi preview");
        assert.deepEqual(
            preview!.filter((step) => / Volume /.test(step)),
            [],
            "the imported volumes are as the program has them",
        );
        assert.deepEqual(last, []);
        assert.deepEqual(await uids(), uidsBefore, "neither a PersistentVolume nor a claim was made again");
        assert.deepEqual((await new SandboxReader(servers).volumeIds()).sort(), volumesBefore.sort());
        const after = await disks();
        assert.deepEqual(after.get("data-2"), { ...before.get("data-2"), keptVolumeIds: [] });
        assert.deepEqual(
            [after.get("data-0"), after.get("data-1")],
            [before.get("data-0"), before.get("data-1")],
        );
        assert.match(
            printed(done, "npx zonal-persistent-storage doctor")[0]!,
            new RegExp(`volume ${first} `),
        );
        assert.match(printed(done, "aws ec2 describe-volumes")[0]!, new RegExp(`${first}\\t`));
        for (const { volumeId } of others.values()) {
            assert.equal((await volume(volumeId)).VolumeId, volumeId);
        }
    });
});

import { DescribeVolumesCommand, DescribeVolumesModificationsCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { advanceClock, changeAccount } from "../../sandbox/ec2/account";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error } from "../../sandbox/faults";
import type { FaultyServers, Request } from "../../sandbox/faults";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { runDoctorOn } from "../support/tools/doctor";
import { volumesInState } from "../support/cluster/ledger";
import { runRecover } from "../support/tools/onStack";
import { commandLineProgram } from "../support/tools/run";
import type { Ended } from "../support/tools/run";
import { firstStart, stackConfig } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
/** Between two looks at an update that is going to hang. Each one takes as much as a step of it. */
const pause = 200;

/** docs/volumes.md, "An update was interrupted": the one command, npx zonal-persistent-storage recover, on the real engine. */
describe("recover", function () {
    this.timeout(300_000);

    let servers: Servers;
    let faulty: FaultyServers;
    let cli: PulumiCli;
    let directory: string;
    let core: CoreV1Api;
    let end: () => Promise<void> = () => Promise.resolve();
    /** Each test adds a disk of its own. */
    let count = 1;
    let sizeGiB = 1;
    /** Name of the storage, whose objects in the cluster keep theirs. */
    let storage = "data";

    before(async function () {
        this.timeout(firstStart);
        ({ servers, faulty, cli, directory, end } = await startCli(this, { sharesProcess: true }));
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
        const { code, text } = await pulumi(up);
        assert.equal(code, 0, text);
    });
    after(() => end());
    beforeEach(() => count++);
    afterEach(async () => {
        [faulty.ec2, faulty.kubernetes].forEach((proxy) => proxy.heal());
        await cli.endRunning();
    });

    const settings = (label: string) => {
        const persistentVolume = { namePrefix: "data", labels: { label } };
        const disks = {
            aliases: ["data", "registry"].filter((name) => name !== storage),
            storageClass: { name: "data" },
            count,
            volume: { sizeGiB },
            protect: false,
            deletionPolicy: "Delete",
            persistentVolume,
        };
        return { cluster, storages: { [storage]: disks } };
    };
    const pulumi = (command: string[], options?: Parameters<typeof runWith>[3], label = "x") =>
        runWith(cli, settings(label), command, options);
    const recover = async (...args: string[]) => runRecover(cli, servers, args);
    const recovered = async (label?: string) => {
        await cli.configure(stackConfig(settings(label ?? "x")));
        const { status, stdout, stderr } = await recover("--yes");
        assert.equal(status, 0, stdout + stderr);
        const { text, steps } = await pulumi(["preview"], undefined, label);
        assert.deepEqual(steps, [], text);
        return stdout;
    };
    /** As the messages say, once EC2 is done. */
    const endsWithRefresh = async () => {
        const { code, text } = await pulumi([...up, "--refresh"]);
        assert.equal(code, 0, text);
        const preview = await pulumi(["preview"]);
        assert.deepEqual(preview.steps, [], preview.text);
    };
    const newest = () => `data-${count - 1}`;
    const calls =
        (action: string) =>
        ({ body }: Request) =>
            new RegExp(`Action=${action}\\b`).test(body);
    /** Ids of the volumes in EC2 that were made for a disk, the newest one unless told otherwise. */
    const volumes = async (ordinal = count - 1) => {
        const Filters = [{ Name: "tag:kubernetes.io/created-for/pv/name", Values: [`data-${ordinal}`] }];
        const { Volumes = [] } = await ec2Client(servers).send(new DescribeVolumesCommand({ Filters }));
        return Volumes.map(({ VolumeId }) => String(VolumeId));
    };
    /** Kills the update once something is there that it hasn't written down yet. */
    const killedOnce = async (
        isThere: () => Promise<boolean>,
        killsGroup = false,
        label = "x",
        command = up,
    ) => {
        const kill = new AbortController();
        let outcome: Awaited<ReturnType<typeof pulumi>> | undefined;
        const killed = pulumi(command, { kill: kill.signal, killsGroup }, label).then((it) => (outcome = it));
        while (!(await isThere())) {
            assert.equal(outcome, undefined, "the update goes on");
            await sleep(pause);
        }
        kill.abort();
        assert.notEqual((await killed).code, 0);
    };
    /** EC2 makes the volume, and nobody hears of it. */
    const killedWithVolume = async (killsGroup = false) => {
        // The program's own question, for volumes made before, comes first.
        const isAboutNew = (request: Request) =>
            calls("DescribeVolumes")(request) && !request.body.includes("created-for");
        faulty.ec2.fail("hang", { matching: isAboutNew });
        await killedOnce(async () => (await volumes()).length > 0, killsGroup);
        faulty.ec2.heal();
    };
    /** EC2 deletes the disk's volume, and nobody hears of it; a destroy deletes others at the same time. */
    const killedWithoutVolume = async (ordinal: number, command = up) => {
        const [id = ""] = await volumes(ordinal);
        let isAsked = false;
        const isLater = (request: Request) => {
            const wasAsked = isAsked;
            isAsked ||= calls("DeleteVolume")(request) && request.body.includes(id);
            return wasAsked && !calls("DeleteVolume")(request);
        };
        faulty.ec2.fail("hang", { matching: isLater });
        await killedOnce(async () => (await volumes(ordinal)).length === 0, true, "x", command);
        faulty.ec2.heal();
    };
    const isRefused = async () => {
        await cli.configure(stackConfig(settings("x")));
        const { status, stdout, stderr } = await recover("--yes");
        assert.equal(status, 2, stdout + stderr);
        assert.match(
            stderr,
            new RegExp(`^volume .*\\(${newest()} in the state\\).* was deleted by .* make an EMPTY one`, "m"),
        );
        assert.deepEqual(await volumes(), []);
    };
    /** The cluster does as it is asked to, and doesn't answer any more. */
    const hangAfter = (verb: string) => {
        let isDone = false;
        const matching = ({ method, path }: Request) => {
            const isFor = path.includes("/persistentvolumes") && !path.includes("dryRun");
            const isLater = isDone && method === "GET" && isFor;
            isDone ||= method === verb && isFor;
            return isLater;
        };
        faulty.kubernetes.fail("hang", { matching });
    };
    const managers = () =>
        core.readPersistentVolume({ name: newest() }).then(
            ({ metadata }) => (metadata?.managedFields ?? []).map(({ manager }) => String(manager)),
            () => [],
        );

    it("refuses when nothing was interrupted", async () => {
        count--;
        const { status, stderr } = await recover("--yes");
        assert.equal(status, 2);
        assert.match(stderr, /^nothing was interrupted: the state has no pending operation/);
    });

    it("rejects an unknown option and an unknown stack", async () => {
        const unknown = await recover("--force");
        assert.deepEqual(
            [unknown.status, /npx zonal-persistent-storage recover --help/.test(unknown.stderr)],
            [2, true],
        );
        const nowhere = await recover("--stack", "nowhere");
        assert.equal(nowhere.status, 2);
        assert.match(nowhere.stderr, /nowhere/);
    });

    it("refuses while another update runs", async () => {
        faulty.ec2.fail("hang", { matching: calls("CreateVolume") });
        const kill = new AbortController();
        let isAtIt = false;
        const running = pulumi(up, {
            kill: kill.signal,
            report: (text) => (isAtIt ||= text.includes("creating")),
        });
        while (!(isAtIt as boolean)) {
            await sleep(pause);
        }
        const { status, stderr } = await recover("--yes");
        assert.equal(status, 2);
        assert.match(
            stderr,
            /^another update is running: process \d+ of \S+ on \S+, since \S+; wait for it to end\n$/,
        );
        kill.abort();
        await running;
        faulty.ec2.heal();
        await recovered();
    });

    it("shows its steps, asks, and imports an unrecorded volume", async () => {
        await killedWithVolume();
        const [left] = await volumes();
        // A kill in the middle of a write leaves this where the state has metadata beside it.
        const stray = join(directory, "state/.pulumi/stacks/zonal-persistent-storage/test.json.attrs");
        writeFileSync(stray, "");
        assert.match((await cli.run(["stack", "export"])).stderr, /failed to load checkpoint: EOF/);
        const unreadable = await recover("--dry-run");
        assert.deepEqual([unreadable.status, unreadable.stderr], [2, "nothing was done: --dry-run\n"]);
        assert.match(
            unreadable.stdout,
            /^an interrupted update left \S+\/test\.json\.attrs, which isn't part of the state/,
        );

        const asked = await answered("yes", "no");
        assert.match(
            asked,
            /test\.json\.attrs[^]*do this\? \(yes\/no\) yes[^]*was interrupted while creating data-/,
        );
        assert.match(asked, new RegExp(`pulumi import: takes back volume ${left} as ${newest()}`));
        assert.match(asked, /do this\? \(yes\/no\) no\r?\nnothing was done\r?\n/);
        assert.match(
            (await runDoctorOn(cli, servers)).stdout,
            /was interrupted while creating data-\d+\n {4}npx zonal-persistent-storage recover\n/,
        );
        assert.deepEqual(
            (await recover()).stderr,
            "nothing was done: this isn't a terminal to ask in, give --yes\n",
        );

        const { status, stdout, stderr } = await runRecover(
            cli,
            servers,
            ["--yes", "--json", "--stack", "test"],
            { ownProcess: true },
        );
        assert.equal(status, 0, stderr);
        assert.equal((JSON.parse(stdout) as { ended: boolean }).ended, true);
        assert.deepEqual(await volumes(), [left], "no other volume was made");
        assert.ok((await volumesInState(cli)).some(({ id, name }) => id === left && name === newest()));
        assert.deepEqual(await runDoctorOn(cli, servers), {
            status: 0,
            stdout: "no problems found\n",
            stderr: "",
        });
    });

    it("imports volumes after a kill of the whole process group", async () => {
        await killedWithVolume(true);
        const left = await volumes();
        await recovered();
        assert.deepEqual(await volumes(), left);
    });

    it("lists an unrecorded volume that differs from the program's", async () => {
        await killedWithVolume();
        const [left] = await volumes();
        count--;
        const printed = await recovered();
        assert.match(
            printed,
            new RegExp(`^volume ${left} was made for data-\\d+, isn't in the state and isn't taken`, "m"),
        );
        assert.match((await runDoctorOn(cli, servers)).stdout, new RegExp(`^volume ${left} `, "m"));
    });

    it("completes updates after three kills with changed labels, without a conflict", async () => {
        hangAfter("POST");
        await killedOnce(async () => (await managers()).length > 0);
        faulty.kubernetes.heal();

        hangAfter("PATCH");
        const kill = new AbortController();
        let outcome: Ended | undefined;
        const again = runRecover(cli, faulty.servers, ["--yes"], { kill: kill.signal }).then(
            (it) => (outcome = it),
        );
        while (!(await managers()).some((manager) => /^pulumi-kubernetes-/.test(manager))) {
            assert.equal(outcome, undefined, "the recovery goes on");
            await sleep(pause);
        }
        kill.abort();
        await again;
        faulty.kubernetes.heal();

        const printed = await recovered("y");
        assert.match(printed, /conflicts with "pulumi-kubernetes-/);
        const own = (await managers()).filter((manager) => /^pulumi-kubernetes-/.test(manager));
        assert.equal(own.length, 1, String(own));
        const later = await pulumi(up, undefined, "z");
        assert.equal(later.code, 0, later.text);
    });

    it("takes over an unrecorded object of a storage that was renamed since", async () => {
        hangAfter("POST");
        await killedOnce(async () => (await managers()).length > 0);
        faulty.kubernetes.heal();
        storage = "registry";
        const printed = await recovered();
        assert.match(printed, new RegExp(`takes over .*PersistentVolume ${newest()}`));
        assert.doesNotMatch(printed, /kubectl delete/);
        assert.ok((await managers()).length > 0);
        storage = "data";
        const { code, text } = await pulumi(up);
        assert.equal(code, 0, text);
    });

    it("lists an unrecorded object that the program no longer has", async () => {
        hangAfter("POST");
        await killedOnce(async () => (await managers()).length > 0);
        faulty.kubernetes.heal();
        const name = newest();
        count--;
        const printed = await recovered();
        assert.match(
            printed,
            new RegExp(`: if nothing uses it, kubectl delete persistentvolume/${name}$`, "m"),
        );
        await core.deletePersistentVolume({ name });
    });

    it("completes a failed update with changed settings", async () => {
        const posts = ({ method, path }: Request) => method === "POST" && path.includes("/persistentvolumes");
        faulty.kubernetes.fail("cut after", { times: 1, matching: posts });
        assert.notEqual((await pulumi(up, undefined, "x")).code, 0);
        faulty.kubernetes.heal();
        const printed = await recovered("y");
        assert.match(printed, /^PersistentVolume data-\d+ was made by this stack and isn't in its state$/m);
    });

    it("reports volumes that EC2 is still modifying", async () => {
        await killedWithVolume();
        sizeGiB++;
        await changeAccount(servers, { modificationSeconds: 3600 });
        await cli.configure(stackConfig(settings("x")));
        const { status, stdout, stderr } = await recover("--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /the update has ended; EC2 is still modifying vol-/);

        await advanceClock(servers, 3600);
        await endsWithRefresh();
    });

    it("reports when a modification in progress can be completed", async () => {
        assert.equal((await pulumi(up)).code, 0);
        sizeGiB++;
        await advanceClock(servers, 86_400);
        await changeAccount(servers, { modificationSeconds: 3600 });
        faulty.ec2.fail("cut after", { matching: calls("ModifyVolume") });
        assert.notEqual((await pulumi(up)).code, 0);
        faulty.ec2.heal();
        await cli.configure(stackConfig(settings("x")));
        const { code, text } = await pulumi([...up, "--refresh"]);
        assert.notEqual(code, 0);
        assert.match(
            text,
            /run pulumi up --refresh when\s+aws ec2 describe-volumes-modifications says completed/,
        );

        await advanceClock(servers, 3600);
        await changeAccount(servers, { modificationSeconds: 0 });
        await endsWithRefresh();
    });

    it("reports the way out when EC2 refuses a modification", async () => {
        await advanceClock(servers, 86_400);
        await changeAccount(servers, { modificationSeconds: 0 });
        await endsWithRefresh();
        await advanceClock(servers, 86_400);
        await changeAccount(servers, { modificationSeconds: 3600 });
        let isAsked = false;
        const isLater = (request: Request) => {
            const wasAsked = isAsked;
            isAsked ||= calls("ModifyVolume")(request);
            return wasAsked;
        };
        faulty.ec2.fail("hang", { matching: isLater });
        sizeGiB++;
        await killedOnce(async () => {
            const { VolumesModifications = [] } = await ec2Client(servers).send(
                new DescribeVolumesModificationsCommand({}),
            );
            return VolumesModifications.some(({ TargetSize }) => TargetSize === sizeGiB);
        }, true);
        faulty.ec2.heal();
        sizeGiB++;
        await cli.configure(stackConfig(settings("x")));
        const failed = await recover("--yes");
        assert.equal(failed.status, 1, failed.stdout + failed.stderr);
        assert.match(failed.stdout + failed.stderr, /IncorrectModificationState/);
        assert.match(
            failed.stderr,
            /then npx zonal-persistent-storage recover; if that finds nothing interrupted, pulumi up --refresh$/m,
        );

        await advanceClock(servers, 3600);
        await changeAccount(servers, { modificationSeconds: 0 });
        assert.match((await recover("--yes")).stderr, /^nothing was interrupted/);
        await endsWithRefresh();
    });

    it("refuses to create an empty volume for a deleted one, and completes the deletion", async () => {
        assert.equal((await pulumi(up)).code, 0);
        count--;
        await killedWithoutVolume(count);
        count++;
        await isRefused();
        count--;
        await recovered();
    });

    describe("after an interrupted destroy", () => {
        const destroy = ["destroy", "--yes", "--skip-preview"];
        const must = async (command: string[]) => {
            const { code, text } = await pulumi(command);
            assert.equal(code, 0, text);
        };
        beforeEach(async () => {
            await must(up);
            await killedWithoutVolume(count - 1, destroy);
            await isRefused();
            await must(["cancel", "--yes"]);
        });

        it("refuses to create empty volumes; the same destroy ends well", () => must(destroy));

        it("refuses to create empty volumes; up ends well after a refresh", async () => {
            await must(["refresh", "--yes", "--skip-preview"]);
            await must(up);
            assert.match((await recover("--yes")).stderr, /^nothing was interrupted/);
            const { text, steps } = await pulumi(["preview"]);
            assert.deepEqual(steps, [], text);
        });
    });

    it("continues after its own failure", async () => {
        await killedWithVolume();
        count++;
        await cli.configure(stackConfig(settings("x")));
        faulty.ec2.fail(ec2Error(403, "UnauthorizedOperation"), { matching: calls("CreateVolume") });
        const { status, stdout, stderr } = await recover("--yes");
        faulty.ec2.heal();
        assert.equal(status, 1, stdout + stderr);
        assert.match(stderr, /then npx zonal-persistent-storage recover/);
        assert.ok((await recovered()).includes("the update has ended"));
    });

    /** The terminal of a person who answers so. */
    async function answered(...answers: string[]): Promise<string> {
        const script = `import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)`;
        const command = [process.execPath, commandLineProgram, "recover"];
        const env = { ...process.env, ...servers.environment, ...cli.stackEnvironment, NO_COLOR: "1" };
        const child = spawn("python3", ["-c", script, ...command], { cwd: cli.project, env });
        let printed = "";
        let unanswered = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            printed += text;
            unanswered += text;
            if (unanswered.includes("(yes/no) ")) {
                unanswered = "";
                child.stdin.write(`${answers.shift()}\n`);
            }
        });
        const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
        assert.equal(status, 2, printed);
        return printed;
    }
});

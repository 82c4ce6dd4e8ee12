import {
    CreateSnapshotCommand,
    CreateVolumeCommand,
    DeleteVolumeCommand,
    DescribeVolumesCommand,
    ModifyVolumeCommand,
} from "@aws-sdk/client-ec2";
import type { CreateVolumeCommandInput, EC2Client, Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VolumeRecord } from "../../components";
import { advanceClock, changeAccount, resetAccount } from "../../sandbox/ec2/account";
import { ec2Client } from "../../sandbox/ec2/instances";
import { recordCalls } from "../../sandbox/ec2/recorder";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { until } from "../../sandbox/until";
import { runWith, startCli } from "../support/cli/cli";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
const day = 86_400;

/** Cases in which the AWS provider and EC2 do something else than what their inputs suggest. */
describe("account settings with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let ec2: EC2Client;
    let directory: string;
    let end: () => Promise<void> = () => Promise.resolve();
    /** Every case has a storage of its own; that of the case before is let go, and stays in EC2. */
    let storage = 0;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, directory, end } = await startCli(this, { sharesProcess: true }));
        ec2 = ec2Client(servers);
    });
    after(() => end());
    beforeEach(async () => {
        storage++;
        await resetAccount(servers);
    });

    const name = () => `case${storage}`;
    const pulumi = (command: string[], volume: object, different: object = {}) => {
        const settings = { count: 1, protect: false, volume: { sizeGiB: 10, ...volume }, ...different };
        return runWith(cli, { cluster, storages: { [name()]: settings } }, command);
    };
    /** Steps of the case's own storage. */
    const own = (steps: readonly string[]) => steps.filter((step) => step.includes(` ${name()}`));
    const must = async (command: string[], volume: object, different?: object) => {
        const { code, text, steps } = await pulumi(command, volume, different);
        assert.equal(code, 0, text);
        return { text, steps: own(steps) };
    };
    const fails = async (command: string[], volume: object, different?: object) => {
        const { code, text } = await pulumi(command, volume, different);
        assert.notEqual(code, 0, text);
        // The CLI breaks lines as it likes.
        return text.replace(/\s+/g, " ");
    };
    const volumeId = async () => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        const [{ volumeId: id }] = (JSON.parse(stdout) as Record<string, { volumes: [VolumeRecord] }>)[
            name()
        ]!.volumes;
        return id;
    };
    const volume = async (id?: string): Promise<Volume> => {
        const { Volumes = [] } = await ec2.send(
            new DescribeVolumesCommand({ VolumeIds: [id ?? (await volumeId())] }),
        );
        return Volumes[0]!;
    };
    /** A volume that the stack doesn't know. */
    const otherVolume = async (settings: Partial<CreateVolumeCommandInput>) => {
        const { VolumeId = "" } = await ec2.send(
            new CreateVolumeCommand({ AvailabilityZone: "eu-west-1b", Size: 10, ...settings }),
        );
        const available = async () => (await volume(VolumeId)).State === "available" || undefined;
        await until(available, VolumeId, 10);
        return VolumeId;
    };
    const modifications = async (work: () => Promise<unknown>) => {
        const recording = await recordCalls(servers.ec2Endpoint);
        await work().finally(async () => (calls = await recording.stop()));
        return calls
            .filter(({ action }) => action === "ModifyVolume")
            .map(({ parameters: { VolumeId: _, ...parameters } }) => parameters);
    };
    let calls: Awaited<ReturnType<Awaited<ReturnType<typeof recordCalls>>["stop"]>> = [];

    describe("with encryption by default", () => {
        beforeEach(() => changeAccount(servers, { encryptionByDefault: true }));

        [true, false].forEach((protect) =>
            it(`keeps a volume with encrypted: false, protect: ${protect}`, async () => {
                const settings = [{ encrypted: false }, { protect }] as const;
                await must(up, ...settings);
                const id = await volumeId();
                const { steps, text } = await must(up, ...settings);
                assert.deepEqual(steps, []);
                assert.match(
                    text,
                    new RegExp(
                        `volume ${id} of ordinal 0 is encrypted although volume.encrypted is false: the account`,
                    ),
                );
                assert.equal(await volumeId(), id);
                await must(up, { encrypted: false });
            }),
        );

        it("keeps a volume that an older state has as unencrypted", async () => {
            await must(up, { encrypted: false });
            const { stdout } = await cli.run(["stack", "export"]);
            const state = JSON.parse(stdout) as {
                deployment: { resources: { type: string; inputs: object }[] };
            };
            state.deployment.resources
                .filter(({ type }) => type === "aws:ebs/volume:Volume")
                .forEach(({ inputs }) => Object.assign(inputs, { encrypted: false }));
            const file = join(directory, "state.json");
            writeFileSync(file, JSON.stringify(state));
            assert.equal((await cli.run(["stack", "import", "--file", file])).code, 0);
            assert.deepEqual((await must(["preview"], { encrypted: false })).steps, []);
        });
    });

    it("keeps a volume that is encrypted by its snapshot", async () => {
        const source = await otherVolume({ Encrypted: true });
        const { SnapshotId: snapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId: source }));
        const settings = { encrypted: false, snapshotId };
        await must(up, settings);
        assert.equal((await volume()).Encrypted, true);
        assert.deepEqual((await must(up, settings)).steps, []);
    });

    it("rejects the encryption of an existing volume, protected or not", async () => {
        await must(up, { encrypted: false });
        const message = /volume\.encrypted must be false while volume vol-\w+ of ordinal 0 isn't encrypted/;
        assert.match(await fails(["preview"], {}), message);
        const id = await volumeId();
        assert.match(await fails(up, {}, { persistentVolume: { labels: { a: "b" } } }), message);
        assert.equal((await volume(id)).State, "available");
        assert.deepEqual((await must(["preview"], { encrypted: false })).steps, []);
    });

    it("repeats a modification that EC2 has refused", async () => {
        await must(up, {});
        const id = await volumeId();
        for (const Size of [11, 12, 13, 14]) {
            await ec2.send(new ModifyVolumeCommand({ VolumeId: id, Size }));
        }
        await cli.run(["refresh", "--yes", "--skip-preview"]);
        const refused = await fails(up, { sizeGiB: 20 });
        assert.match(refused, /VolumeModificationRateExceeded/);
        assert.match(refused, /four times in 24 hours: run pulumi up --refresh after that time/);
        const { text } = await must(up, { sizeGiB: 20 });
        assert.match(text, new RegExp(`volume ${id} of ordinal 0 still has size 14 instead of 20`));
        await advanceClock(servers, day);
        assert.deepEqual((await must([...up, "--refresh"], { sizeGiB: 20 })).steps, [
            `update Volume ${name()}-0`,
        ]);
        assert.equal((await volume()).Size, 20);
        assert.deepEqual((await must(["preview"], { sizeGiB: 20 })).steps, []);
    });

    it("reports how to revert a change that EC2 has refused", async () => {
        await must(up, {});
        const id = await volumeId();
        for (const Iops of [3100, 3200, 3300, 3000]) {
            await ec2.send(new ModifyVolumeCommand({ VolumeId: id, Iops }));
        }
        const refused = await fails(up, { iops: 4000 });
        assert.match(refused, /or take the change back and run pulumi up --refresh at once/);
        assert.deepEqual((await must([...up, "--refresh"], {})).steps, []);
        assert.equal((await volume(id)).Iops, 3000);
        assert.deepEqual((await must(["preview"], {})).steps, []);
    });

    it("reports the way out when a modification is in progress", async () => {
        await must(up, {});
        await changeAccount(servers, { modificationSeconds: 3600 });
        await pulumi(up, { sizeGiB: 20 });
        const refused = await fails(up, { sizeGiB: 30 });
        assert.match(refused, /IncorrectModificationState/);
        assert.match(
            refused,
            /run pulumi up --refresh when aws ec2 describe-volumes-modifications says completed/,
        );
        await advanceClock(servers, 3600);
        await must([...up, "--refresh"], { sizeGiB: 30 });
        await advanceClock(servers, 3600);
        assert.equal((await volume()).Size, 30);
        await must([...up, "--refresh"], { sizeGiB: 30 });
        assert.deepEqual((await must(["preview"], { sizeGiB: 30 })).steps, []);
    });

    const toGp3: [object, object][] = [
        [{ type: "gp2" }, {}],
        [{ type: "gp2", sizeGiB: 2000 }, { sizeGiB: 2000 }],
        [{ type: "st1", sizeGiB: 200 }, { sizeGiB: 200 }],
        [{ type: "io1", iops: 400 }, {}],
    ];
    toGp3.forEach(([from, to]) =>
        it(`makes ${JSON.stringify(from)} a gp3 volume with gp3's own IOPS and throughput`, async () => {
            await must(up, from);
            await must(up, { ...to, type: "gp3" });
            const { VolumeType, Iops, Throughput } = await volume();
            assert.deepEqual([VolumeType, Iops, Throughput], ["gp3", 3000, 125]);
            assert.deepEqual((await must(["preview"], { ...to, type: "gp3" })).steps, []);
        }),
    );

    it("brings IOPS and throughput back to gp3's own where they are no longer asked for", async () => {
        await must(up, { sizeGiB: 20, iops: 6000, throughputMiBps: 250 });
        await must(up, { sizeGiB: 20 });
        const { Iops, Throughput } = await volume();
        assert.deepEqual([Iops, Throughput], [3000, 125]);
    });

    ["gp2", "gp3"].forEach((type) =>
        it(`modifies no ${type} volume when deletionPolicy goes from Retain to Snapshot and back`, async () => {
            await must(up, { type });
            const asked = await modifications(async () => {
                for (const deletionPolicy of ["Snapshot", "Retain"]) {
                    assert.deepEqual((await must(up, { type }, { deletionPolicy })).steps, []);
                }
            });
            assert.deepEqual(asked, []);
        }),
    );

    it("reports the way out when deletionPolicy can't become Delete at once", async () => {
        const settings = [{ type: "gp2" }, { deletionPolicy: "Delete" }] as const;
        await must(up, settings[0]);
        assert.match(
            await fails(up, ...settings),
            /the new deletionPolicy is recorded all the same: run pulumi up again/,
        );
        await must(up, ...settings);
        assert.deepEqual((await must(["preview"], ...settings)).steps, []);
    });

    it("sends no request when the initialization rate is changed or removed", async () => {
        const source = await otherVolume({});
        const { SnapshotId: snapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId: source }));
        await must(up, { snapshotId, initializationRateMiBps: 200 });
        assert.deepEqual((await must(up, { snapshotId, initializationRateMiBps: 300 })).steps, []);
        assert.deepEqual((await must(up, { snapshotId })).steps, []);
    });

    it("reports the way out when a volume is missing", async () => {
        await must(up, {});
        await ec2.send(new DeleteVolumeCommand({ VolumeId: await volumeId() }));
        assert.match(await fails(up, { sizeGiB: 20 }), /EC2 has no such volume in this account and region/);
    });

    it("reports the way out when EC2 deletes a volume whose key it can't use", async () => {
        await changeAccount(servers, { keysWithoutRights: ["alias/aws/ebs"] });
        assert.match(
            await fails(up, {}),
            /check the key, and the rights to it .* then run pulumi refresh and pulumi up/,
        );
        await resetAccount(servers);
        await must(["refresh", "--yes", "--skip-preview"], {});
        await must(up, {});
        assert.equal((await volume()).State, "available");
    });

    it("warns of tags that the provider's ignoreTags hides", async () => {
        const ignored = { "aws:ignoreTags": { keyPrefixes: ["kubernetes.io/"] } };
        const storages = { [name()]: { count: 1, protect: false, volume: { sizeGiB: 10 } } };
        const { code, text } = await runWith(cli, { cluster, storages, ...ignored }, up);
        assert.equal(code, 0, text);
        assert.match(
            text.replace(/\s+/g, " "),
            /volume vol-\w+ of ordinal 0 is given tags that the AWS provider doesn't show, kubernetes\.io\/cluster\/proyecto\.k8s\.local, kubernetes\.io\/created-for\/pv\/name: .* out of the provider's ignoreTags/,
        );
        const later = await must([...up, "--refresh"], {});
        assert.doesNotMatch(later.text, /doesn't show/);
        assert.deepEqual((await must(["preview"], {})).steps, []);
    });

    it("shows no change after an import with id and region", async () => {
        await must(up, { type: "gp2" });
        const id = await volumeId();
        const component = "zonal-persistent-storage:index:ZonalPersistentStorage";
        const urn = `urn:pulumi:test::zonal-persistent-storage::${component}::${name()}`;
        const volumeUrn = urn.replace(`::${name()}`, `$aws:ebs/volume:Volume::${name()}-0`);
        await cli.run(["state", "delete", "--yes", "--target-dependents", volumeUrn]);
        const imported = await pulumi(
            [
                ...["import", "aws:ebs/volume:Volume", `${name()}-0`, `${id}@eu-west-1`],
                ...["--parent", `${name()}=${urn}`, "--protect=false", "--generate-code=false", "--yes"],
                "--skip-preview",
            ],
            { type: "gp2" },
        );
        assert.equal(imported.code, 0, imported.text);
        const { steps, text } = await must(["preview"], { type: "gp2" });
        assert.deepEqual(
            steps.filter((step) => step.includes(" Volume ")),
            [],
            text,
        );
    });
});

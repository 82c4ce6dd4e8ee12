import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import type { MoveArgs, OverrideArgs, VolumeRecord } from "../../components";
import { changeAccount } from "../../sandbox/ec2/account";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { PulumiCli } from "../../sandbox/engine/cli";
import type { Servers } from "../../sandbox/servers";
import { runWith, startCli } from "../support/cli/cli";
import { Ledger } from "../support/cluster/ledger";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
const kmsKeyId = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** Encryption and keys of docs/volumes.md, with the real engine. */
describe("encryption with the Pulumi CLI", function () {
    this.timeout(120_000);

    let servers: Servers;
    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        assert.equal((await pulumi({}, up)).code, 0);
    });
    after(() => end());

    const pulumi = (override: OverrideArgs, command: string[], different: object = {}) => {
        const claims = { names: ["a", "b"], create: true };
        const volume = { sizeGiB: 10, encrypted: false };
        const data = { count: 2, volume, claims, overrides: { "0": override }, ...different };
        return runWith(cli, { cluster, storages: { data } }, command);
    };
    const disks = async () => {
        const { stdout } = await cli.run(["stack", "output", "storages", "--json"]);
        return (JSON.parse(stdout) as { data: { volumes: VolumeRecord[] } }).data.volumes;
    };
    const inEc2 = async (VolumeId: string) => {
        const command = new DescribeVolumesCommand({ VolumeIds: [VolumeId] });
        const { Volumes: [volume] = [] } = await ec2Client(servers).send(command);
        return [volume?.Encrypted, volume?.KmsKeyId];
    };

    const encrypt: MoveArgs = { from: "NewSnapshot", encrypted: true };
    const rekey: MoveArgs = { from: "NewSnapshot", kmsKeyId };

    it("is got by a move in the same zone, and the former volume stays as it is", async () => {
        const [first] = await disks();
        assert.deepEqual(await inEc2(first!.volumeId), [false, undefined]);
        const { code, text } = await pulumi({ moves: [encrypt] }, up);
        assert.equal(code, 0, text);
        const [moved] = await disks();
        assert.equal(moved?.zone, first?.zone);
        assert.deepEqual(moved?.keptVolumeIds, [first?.volumeId]);
        const [isEncrypted, key] = await inEc2(moved.volumeId);
        assert.equal(isEncrypted, true);
        assert.notEqual(key, kmsKeyId);
        assert.deepEqual(await inEc2(first!.volumeId), [false, undefined]);
        await new Ledger(servers, cluster.name).check();
    });

    it("changes its key by another move", async () => {
        const { code, text } = await pulumi({ moves: [encrypt, rekey] }, up);
        assert.equal(code, 0, text);
        const [moved] = await disks();
        assert.deepEqual(await inEc2(moved!.volumeId), [true, kmsKeyId]);
        const { steps } = await pulumi({ moves: [encrypt, rekey] }, [...up, "--refresh"]);
        assert.deepEqual(steps, []);
    });

    it("rejects another key for a move that was made", async () => {
        const { code, text } = await pulumi({ moves: [encrypt, { ...rekey, kmsKeyId: `${kmsKeyId}1` }] }, [
            "preview",
        ]);
        assert.notEqual(code, 0);
        assert.match(text.replace(/\s+/g, " "), /overrides\.0\.moves\.1\.kmsKeyId must be arn:aws:kms/);
    });

    it("may be asked of the whole storage afterwards: kept volumes stay, others are told of", async () => {
        const volume = { sizeGiB: 10, kmsKeyId };
        const moves = [encrypt, rekey];
        const refused = await pulumi({ moves }, ["preview"], { volume });
        const told = refused.text.replace(/\s+/g, " ");
        assert.match(
            told,
            /volume\.encrypted must be false while volume vol-\w+ of ordinal 1 isn't encrypted/,
        );
        assert.doesNotMatch(told, /of ordinal 0/);
        const overrides = { "0": { moves }, "1": { encrypted: false } };
        assert.deepEqual((await pulumi({}, ["preview"], { volume, overrides })).steps, []);
        const all = { "0": { moves }, "1": { moves: [{ from: "NewSnapshot", kmsKeyId }] } };
        const { code, text } = await pulumi({}, up, { overrides: all, volume });
        assert.equal(code, 0, text);
        assert.deepEqual((await pulumi({}, ["preview"], { volume, overrides: all })).steps, []);
        const [, second] = await disks();
        assert.deepEqual(await inEc2(second!.volumeId), [true, kmsKeyId]);
        await new Ledger(servers, cluster.name).check();
    });

    it("goes on after a key that EC2 couldn't use, once the state knows that there is no volume", async () => {
        const volume = { sizeGiB: 10, kmsKeyId };
        const moves = [encrypt, rekey];
        const second: MoveArgs = { from: "NewSnapshot", kmsKeyId };
        const settings = (key: string) => ({
            volume,
            overrides: { "0": { moves }, "1": { moves: [second, { ...second, kmsKeyId: key }] } },
        });
        const [, before] = await disks();
        await changeAccount(servers, { keysWithoutRights: [`${kmsKeyId}1`] });
        const failed = await pulumi({}, up, settings(`${kmsKeyId}1`));
        assert.match(failed.text.replace(/\s+/g, " "), /then run pulumi refresh and pulumi up/);
        const told = await pulumi({}, up, settings(`${kmsKeyId}2`));
        assert.match(
            told.text.replace(/\s+/g, " "),
            /overrides\.1\.moves\.1 was begun by an update that failed while it made the volume: run pulumi refresh/,
        );
        assert.equal((await cli.run(["refresh", "--yes", "--skip-preview"])).code, 0);
        const { code, text } = await pulumi({}, up, settings(`${kmsKeyId}2`));
        assert.equal(code, 0, text);
        const [, moved] = await disks();
        assert.deepEqual(await inEc2(moved!.volumeId), [true, `${kmsKeyId}2`]);
        assert.ok(moved?.keptVolumeIds.includes(before!.volumeId));
        await new Ledger(servers, cluster.name).check();
    });
});

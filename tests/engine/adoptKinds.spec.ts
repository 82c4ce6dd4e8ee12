import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import type { V1PersistentVolumeSpec } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Client } from "../../sandbox/ec2/instances";
import type { Servers } from "../../sandbox/servers";
import { startCli } from "../support/cli/cli";
import { oddDisk, usage } from "../support/cluster/disksInUse";
import type { DiskInUse, OddDisk } from "../support/cluster/disksInUse";
import { DiskCluster } from "../support/cluster/diskCluster";
import { firstStart } from "../support/cluster/sandbox";
import { runOnStack } from "../support/tools/onStack";
import { readState } from "../../tools/inspect/state";

const cluster = "proyecto.k8s.local";
const settings = { "aws:region": "eu-west-1", "zonal-persistent-storage:cluster": { name: cluster } };

interface Storage {
    persistentVolume?: object;
    readonly overrides: Record<string, { persistentVolumeName?: string } | undefined>;
}

const kinds: readonly OddDisk[] = [
    "block",
    "readWriteOncePod",
    "available",
    "released",
    "severalZones",
    "biggerInEc2",
    "copied",
    "kops",
    "eksAutoMode",
    "inTree",
];

/** Every kind of disk that docs/existing-disks.md lists, with the real engine. */
describe("odd disks that are adopted", function () {
    this.timeout(300_000);

    let servers: Servers;
    let cli: PulumiCli;
    let disks: Readonly<Record<string, DiskInUse>>;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ servers, cli, end } = await startCli(this, { sharesProcess: true }));
        const made: [string, DiskInUse][] = [];
        // One after the other: a claim is bound to any PersistentVolume of its class that is Available.
        for (const kind of kinds) {
            made.push([kind, await oddDisk(servers, kind, { cluster })]);
        }
        disks = Object.fromEntries(made);
        await writeSettings(settings);
    });
    after(() => end());

    const settingsFile = () => join(cli.project, "Pulumi.test.yaml");
    const writeSettings = (config: object) => writeFile(settingsFile(), JSON.stringify({ config }));
    const adopt = (...args: string[]) => runOnStack("adopt", cli, servers, args);
    const objects = async () => {
        const { items } = await new DiskCluster(servers).core.listPersistentVolume();
        return new Map(items.map((one) => [String(one.metadata?.name), one]));
    };

    it("aren't made again by a pulumi up that was to come after adopt", async () => {
        const overrides = { "0": { persistentVolumeName: "block" } };
        const storages = { block: { count: 1, volume: { sizeGiB: 10 }, overrides } };
        await writeSettings({ ...settings, "zonal-persistent-storage:storages": storages });
        const before = await usage(servers);
        const reason =
            /PersistentVolume block, whose volume the state doesn't have: pulumi up would make an empty/;
        const preview = await cli.run(["preview"]);
        assert.equal(preview.code, 0, preview.stdout);
        assert.match(preview.stdout, reason);
        const up = await cli.run(["up", "--yes", "--skip-preview"]);
        assert.notEqual(up.code, 0, up.stdout);
        assert.match(up.stdout, reason);
        assert.deepEqual(await usage(servers), before);
        await writeSettings(settings);
    });

    it("are refused by name if they are in-tree", async () => {
        const before = await usage(servers);
        const { status, stdout, stderr } = await adopt("in-tree", "block", "--yes");
        assert.equal(status, 2, stdout + stderr);
        assert.match(stderr, /PersistentVolume in-tree is an in-tree volume .*docs\/existing-disks\.md/);
        assert.deepEqual(await usage(servers), before);
    });

    it("come into the stack, all but those in-tree, and stay as they are", async () => {
        // The provider takes over what kubectl has written.
        const change = { metadata: { annotations: { team: "blue" }, finalizers: ["example.com/keep"] } };
        await new DiskCluster(servers).core.patchPersistentVolume(
            { name: "block", body: change, fieldManager: "kubectl-edit" },
            setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
        );
        const [before, specs] = [await usage(servers), await objects()];
        const { status, stdout, stderr } = await adopt("--all", "--yes");
        assert.equal(status, 0, stdout + stderr);
        assert.match(stdout, /left out: PersistentVolume in-tree is an in-tree volume/);
        const { persistentVolumes, ...users } = before;
        const isAvailable = { ...persistentVolumes["released"], phase: "Available" };
        assert.deepEqual(await usage(servers), {
            ...users,
            persistentVolumes: { ...persistentVolumes, released: isAvailable },
        });
        const after = await objects();
        for (const [kind, { persistentVolume }] of Object.entries(disks)) {
            const [was, is] = [specs, after].map((all) => all.get(persistentVolume));
            assert.deepEqual(plain(is?.spec), plain(expectedSpec(kind, was?.spec)), kind);
        }
        const [had, has] = [specs, after].map((all) => all.get("block")?.metadata);
        const former = { "zonal-persistent-storage/former-reclaim-policy": "Delete" };
        assert.deepEqual(
            has?.annotations,
            specs.get("block")?.spec?.persistentVolumeReclaimPolicy === "Retain"
                ? had?.annotations
                : { ...had?.annotations, ...former },
        );
        assert.deepEqual(has?.finalizers?.sort(), had?.finalizers?.sort());
        assert.ok(has?.finalizers?.includes("example.com/keep"));
        const { labels } = after.get("block")?.metadata ?? {};
        assert.deepEqual(labels, { type: "ebs", "topology.kubernetes.io/zone": disks["block"]?.zone });
    });

    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

    /** Nothing but the reclaim policy changes, and a Released one is reserved for a new claim of the same name. */
    const expectedSpec = (kind: string, spec: V1PersistentVolumeSpec = {}): V1PersistentVolumeSpec => {
        const { uid: _uid, resourceVersion: _version, ...reserved } = spec.claimRef ?? {};
        return {
            ...spec,
            ...(kind !== "inTree" && { persistentVolumeReclaimPolicy: "Retain" }),
            ...(kind === "released" && { claimRef: reserved }),
        };
    };

    it("have what their storage says in place of what kubectl wrote", async () => {
        const written = await readFile(settingsFile(), "utf8");
        const { config } = parse(written) as { config: Record<string, Record<string, Storage>> };
        const storages = Object.values(config["zonal-persistent-storage:storages"] ?? {});
        const storage = storages.find(({ overrides }) => overrides["0"]?.persistentVolumeName === "block");
        assert.ok(storage);
        storage.persistentVolume = { ...storage.persistentVolume, annotations: { team: "red" } };
        await writeSettings(config);
        const up = await cli.run(["up", "--yes", "--skip-preview"]);
        assert.equal(up.code, 0, up.stdout);
        const { annotations, finalizers } = (await objects()).get("block")?.metadata ?? {};
        assert.equal(annotations?.["team"], "red");
        assert.ok(finalizers?.includes("example.com/keep"));
        await writeFile(settingsFile(), written);
        const back = await cli.run(["up", "--yes", "--skip-preview"]);
        assert.equal(back.code, 0, back.stdout);
    });

    it("are ordinary volumes of the stack, also where EC2 has made them as copies", async () => {
        const { stdout } = await cli.run(["stack", "export"]);
        const { volumeId } = disks["copied"]!;
        const copy = readState(stdout, "the state").volumes.find((one) => one.volumeId === volumeId);
        assert.ok(copy);
        assert.match(stdout, new RegExp(`\\$aws:ebs/volume:Volume::${copy.name}"`));
        const asked = new DescribeVolumesCommand({ VolumeIds: [volumeId] });
        const { Volumes: [inEc2] = [] } = await ec2Client(servers).send(asked);
        assert.ok(inEc2?.SourceVolumeId);
    });

    it("show no changes afterwards", async () => {
        const preview = await cli.run(["preview", "--expect-no-changes"]);
        assert.equal(preview.code, 0, preview.stdout);
        const { config } = parse(await readFile(settingsFile(), "utf8")) as { config: object };
        assert.deepEqual(Object.keys(config).slice(0, 2), Object.keys(settings));
    });
});

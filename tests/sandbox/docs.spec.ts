import { CreateVolumeCommand } from "@aws-sdk/client-ec2";
import { CoreV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { join } from "node:path";
import { jenkinsOnKops } from "../../sandbox/accounts";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import { standIn } from "../../sandbox/engine";
import { readStack } from "../../sandbox/engine/program";
import { SandboxReader } from "../../sandbox/readBack";
import { until } from "../../sandbox/until";
import type { Servers } from "../../sandbox/servers";
import { CommandLine } from "../support/cli/commandLine";
import { fences } from "../support/pages/fences";
import { commandsOf, runbook, withSettings } from "../support/pages/runbook";
import type { Storages } from "../support/pages/runbook";
import { bringUp, firstStart, project, startSandbox } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const namespace = "default";

/** Commands of pages and of examples, with the stand-in in place of `pulumi up`. */
describe("the documents' commands in the sandbox", function () {
    this.timeout(120_000);

    let servers: Servers;
    let end: () => Promise<void>;
    let commandLine: CommandLine;
    let core: CoreV1Api;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox(jenkinsOnKops));
        commandLine = await CommandLine.of(servers);
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
    });
    after(() => end());

    const commandsIn = (page: string, section: string) =>
        fences(page)
            .filter((fence) => fence.language === "sh" && fence.section === section)
            .flatMap(({ text }) => commandsOf(text))
            .map(({ words }) => words);
    const running = (name: string) =>
        until(
            async () => {
                const pod = await core.readNamespacedPod({ name, namespace }).catch(() => undefined);
                return pod?.status?.phase === "Running" || undefined;
            },
            `pod ${name} to run`,
            30,
        );

    const examples: [string, string[]][] = [
        ["statefulset", ["web-0", "web-1", "web-2", "web-3", "web-4"]],
        ["named-claim", ["mi-pod"]],
        [
            "operators",
            [
                ...["pg-1", "pg-2", "events-broker-0", "events-broker-1", "events-broker-2"],
                ...["search-es-default-0", "search-es-default-1"],
            ],
        ],
    ];
    examples.forEach(([folder, pods]) =>
        it(`work in examples/${folder} as its README shows`, async () => {
            const page = join("examples", folder, "README.md");
            const [init, up, apply, get, ...others] = commandsIn(page, "");
            assert.deepEqual([init, up, others], ["pulumi stack init dev".split(" "), ["pulumi", "up"], []]);
            const stack = await readStack(join(project, "examples", folder), "dev");
            const { errors } = await standIn(stack, servers).up(() => undefined);
            assert.deepEqual(errors, []);

            const [manifest = "", ...before] = [...apply!].reverse();
            assert.deepEqual(before.reverse(), ["kubectl", "apply", "-f"]);
            const file = join("examples", folder, manifest);
            await commandLine.run(["kubectl", "apply", "--filename", file]);
            await Promise.all(pods.map(running));
            const printed = await commandLine.run(get!);
            pods.forEach((pod) => assert.match(printed, new RegExp(`^(pod/)?${pod}\\b.*Running`, "m")));
        }),
    );

    it("list a stack's volumes by their tags, as in docs/volumes.md", async () => {
        const [command, ...others] = commandsIn(
            "docs/volumes.md",
            "Find retained volumes and use them again",
        ).filter(([program]) => program === "aws");
        assert.deepEqual(others, []);
        const printed = await commandLine.run(command!);
        ["web-0", "web-4", "peticion-0"].forEach((name) =>
            assert.match(printed, new RegExp(`^vol-\\w+\\teu-west-1[bc]\\t[15]\\t${name}$`, "m")),
        );
    });

    it("turn in-tree volumes into disks of a storage, as in docs/existing-disks.md", async () => {
        const claims = ["jenkins-home", "jenkins-builds", "jenkins-cache"];
        const made = await Promise.all(
            claims.map((claim, index) => makeByHand(`manual-ebs-0${index + 1}`, claim)),
        );
        const before = await new SandboxReader(servers).volumeIds();

        let storages: Storages = {};
        let printed = "";
        const listed = () =>
            Object.fromEntries(
                [...printed.matchAll(/^\s*(manual-ebs-\d+)\s+(?:aws:\S+\/)?(vol-\w+)\s+(\S+)/gm)].map(
                    ([, name = "", volume, claim]): [string, unknown] => [name, [volume, claim]],
                ),
            );
        const expected = Object.fromEntries(
            made.map((volume, index) => [`manual-ebs-0${index + 1}`, [volume, claims[index]]]),
        );
        for (const { language, text } of runbook("In-tree volumes, with a pause", "docs/existing-disks.md")) {
            if (language === "yaml") {
                assert.deepEqual(listed(), expected);
                const filled = text.replace(/<volume of ([^>]+)>/g, (_, name: string) =>
                    String((expected[name] as string[])[0]),
                );
                storages = withSettings(storages, filled);
                continue;
            }
            for (const { words } of commandsOf(text)) {
                if (words.join(" ") === "pulumi up") {
                    const { errors } = await bringUp(servers, { cluster, storages });
                    assert.deepEqual(errors, []);
                    await Promise.all(claims.map((claim) => makeClaim(claim)));
                } else {
                    const output = await commandLine.run(words);
                    printed = words[1] === "get" ? output : printed;
                }
            }
        }
        assert.deepEqual(listed(), expected, "each claim has the volume that it had");
        assert.deepEqual((await new SandboxReader(servers).volumeIds()).sort(), before.sort());
        const { spec } = await core.readPersistentVolume({ name: "manual-ebs-01" });
        assert.equal(spec?.persistentVolumeReclaimPolicy, "Retain");
    });

    /** A volume, an in-tree PersistentVolume for it and a claim that is bound to that, none of them of a stack. */
    const makeByHand = async (name: string, claim: string): Promise<string> => {
        const AvailabilityZone = "eu-west-1c";
        const { VolumeId = "" } = await ec2Client(servers).send(
            new CreateVolumeCommand({ AvailabilityZone, Size: 10, VolumeType: "gp2" }),
        );
        await core.createPersistentVolume({
            body: {
                metadata: { name },
                spec: {
                    capacity: { storage: "10Gi" },
                    accessModes: ["ReadWriteOnce"],
                    persistentVolumeReclaimPolicy: "Delete",
                    storageClassName: "manual-ebs",
                    awsElasticBlockStore: { volumeID: `aws://${AvailabilityZone}/${VolumeId}` },
                },
            },
        });
        await makeClaim(claim, name);
        const phase = async () =>
            (await core.readNamespacedPersistentVolumeClaim({ name: claim, namespace })).status?.phase;
        await until(async () => (await phase()) === "Bound" || undefined, `${claim} to be bound`, 30);
        return VolumeId;
    };
    const makeClaim = (name: string, volumeName?: string) =>
        core.createNamespacedPersistentVolumeClaim({
            namespace,
            body: {
                metadata: { name },
                spec: {
                    volumeName,
                    storageClassName: "manual-ebs",
                    accessModes: ["ReadWriteOnce"],
                    resources: { requests: { storage: "10Gi" } },
                },
            },
        });
});

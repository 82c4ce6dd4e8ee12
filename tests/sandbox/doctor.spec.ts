import {
    CreateTagsCommand,
    CreateVolumeCommand,
    DeleteTagsCommand,
    DeleteVolumeCommand,
} from "@aws-sdk/client-ec2";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { CoreV1Api, StorageV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { VolumeRecord } from "../../components";
import { volumeTags } from "../../components/plan/tags";
import { fillAccount, jenkinsOnKops } from "../../sandbox/accounts";
import { kubeConfig } from "../../sandbox/controlPlane/kubeConfig";
import { ec2Client } from "../../sandbox/ec2/instances";
import { recordCalls } from "../../sandbox/ec2/recorder";
import type { Servers } from "../../sandbox/servers";
import { runDoctor } from "../support/tools/doctor";
import { kubeconfigOf, recordRequests } from "../support/cluster/recordRequests";
import type { RecordedCluster } from "../support/cluster/recordRequests";
import { bringUp, firstStart, startSandbox } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const withoutState =
    "could not read a stack's state: there is no Pulumi CLI on the PATH, give --state <file>\n";

describe("doctor in the sandbox", function () {
    this.timeout(120_000);

    let servers: Servers;
    let directory: string;
    let end: () => Promise<void>;
    let ec2: EC2Client;
    let core: CoreV1Api;
    let recorded: RecordedCluster;
    let environment: Record<string, string>;
    let data: VolumeRecord[];

    before(async function () {
        this.timeout(firstStart);
        ({ servers, directory, end } = await startSandbox(jenkinsOnKops));
        ec2 = ec2Client(servers);
        core = kubeConfig(servers).makeApiClient(CoreV1Api);
        recorded = await recordRequests(kubeConfig(servers));
        environment = {
            ...servers.environment,
            PATH: "",
            HOME: directory,
            KUBECONFIG: file("recorded.kubeconfig", recorded.kubeconfig),
        };
        const storages = { data: { count: 2, volume: { sizeGiB: 10 } } };
        const { errors, outputs } = await bringUp(servers, { cluster, storages });
        assert.deepEqual(errors, []);
        data = (outputs.storages as Record<string, { volumes: VolumeRecord[] }>)["data"]!.volumes;
    });
    after(async () => {
        recorded.stop();
        await end();
    });

    const file = (name: string, content: string) => {
        const path = join(directory, name);
        writeFileSync(path, content);
        return path;
    };
    const doctor = (...args: string[]) => runDoctor(args, environment);
    const well = "no problems found in what could be read; not looked at: the stack's state";
    const healthy = { status: 2, stdout: `${well}\n`, stderr: withoutState };

    const createVolume = async (owner: string, zone: string) => {
        const Tags = Object.entries(volumeTags(cluster.name, owner)).map(([Key, Value]) => ({ Key, Value }));
        const { VolumeId = "" } = await ec2.send(
            new CreateVolumeCommand({
                AvailabilityZone: zone,
                Size: 5,
                TagSpecifications: [{ ResourceType: "volume", Tags }],
            }),
        );
        return VolumeId;
    };
    const createPersistentVolume = (name: string, volumeHandle: string, zone: string) =>
        core.createPersistentVolume({
            body: {
                metadata: { name },
                spec: {
                    capacity: { storage: "5Gi" },
                    accessModes: ["ReadWriteOnce"],
                    persistentVolumeReclaimPolicy: "Retain",
                    storageClassName: "data",
                    csi: { driver: "ebs.csi.aws.com", volumeHandle, fsType: "ext4" },
                    nodeAffinity: {
                        required: {
                            nodeSelectorTerms: [
                                {
                                    matchExpressions: [
                                        {
                                            key: "topology.kubernetes.io/zone",
                                            operator: "In",
                                            values: [zone],
                                        },
                                    ],
                                },
                            ],
                        },
                    },
                },
            },
        });

    /** Commands that the doctor prints, done by the clients. */
    const commands: [RegExp, (...found: string[]) => Promise<unknown>][] = [
        [
            /^aws ec2 create-tags --resources=(\S+) --tags (.*) --region=eu-west-1$/,
            (id, tags) =>
                ec2.send(
                    new CreateTagsCommand({
                        Resources: [id],
                        Tags: [...tags.matchAll(/Key=([^,]+),Value=(\S+)/g)].map(([, Key, Value]) => ({
                            Key,
                            Value,
                        })),
                    }),
                ),
        ],
        [
            /^aws ec2 delete-volume --volume-id=(\S+) --region=eu-west-1$/,
            (VolumeId) => ec2.send(new DeleteVolumeCommand({ VolumeId })),
        ],
        [/^kubectl delete pv\/(\S+)$/, (name) => core.deletePersistentVolume({ name: name })],
    ];
    const mend = async (printed: string) => {
        for (const line of printed.split("\n").map((one) => one.trim())) {
            for (const [command, run] of commands) {
                const [, ...found] = command.exec(line) ?? [];
                if (found.length > 0) {
                    await run(...found);
                }
            }
        }
    };

    it("reports no problems for healthy disks", async () => {
        assert.deepEqual(await doctor(), healthy);
    });

    it("reads all pages of answers", async () => {
        const page = ({ volumeId, zone, persistentVolumeName }: VolumeRecord, nextToken = "") => {
            const tags = Object.entries(volumeTags(cluster.name, persistentVolumeName))
                .map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
                .join("");
            const item = `<volumeId>${volumeId}</volumeId><availabilityZone>${zone}</availabilityZone><tagSet>${tags}</tagSet>`;
            return `<DescribeVolumesResponse><volumeSet><item>${item}</item></volumeSet><nextToken>${nextToken}</nextToken></DescribeVolumesResponse>`;
        };
        const [first, second] = data as [VolumeRecord, VolumeRecord];
        const paged = createServer((request, response) => {
            void text(request).then((body) =>
                response.end(body.includes("NextToken=") ? page(second) : page(first, "second")),
            );
        }).listen(0, "127.0.0.1");
        await once(paged, "listening");
        const AWS_ENDPOINT_URL = `http://127.0.0.1:${(paged.address() as AddressInfo).port}`;
        assert.deepEqual(await runDoctor([], { ...environment, AWS_ENDPOINT_URL }), healthy);
        paged.close();
    });

    it("reports all problems, changes nothing, and its commands solve them", async () => {
        const [first, second] = data as [VolumeRecord, VolumeRecord];
        const twice = await createVolume("data-0", first.zone);
        const left = await createVolume("data-7", "eu-west-1c");
        await ec2.send(
            new DeleteTagsCommand({
                Resources: [second.volumeId],
                Tags: [{ Key: "ebs.csi.aws.com/cluster" }],
            }),
        );
        const misplaced = await createVolume("misplaced-0", "eu-west-1c");
        await createPersistentVolume("misplaced-0", misplaced, "eu-west-1b");
        const lonely = await createVolume("lonely-0", "eu-west-1a");
        await createPersistentVolume("lonely-0", lonely, "eu-west-1a");
        await createPersistentVolume("lost-0", "vol-0123456789abcdef0", "eu-west-1b");
        await createPersistentVolume("twin-0", lonely, "eu-west-1a");

        const { requests } = recorded;
        const before = requests.length;
        const recording = await recordCalls(servers.ec2Endpoint);
        const { status, stdout, stderr } = await doctor();
        const calls = (await recording.stop()).map(({ action }) => action);
        assert.deepEqual([...new Set(calls)].sort(), [
            "DescribeVolumes",
            "ListSnapshotsInRecycleBin",
            "ListVolumesInRecycleBin",
        ]);
        assert.deepEqual(requests.slice(before).sort(), [
            "GET /api/v1/nodes?limit=200",
            "GET /api/v1/persistentvolumeclaims?limit=200",
            "GET /api/v1/persistentvolumes?limit=200",
            "GET /api/v1/pods?limit=200",
            "GET /apis/storage.k8s.io/v1/csinodes?limit=200",
            "GET /apis/storage.k8s.io/v1/volumeattachments?limit=200",
        ]);

        const today = new Date().toISOString().slice(0, 10);
        const snapshots = "aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=";
        const urn =
            "urn:pulumi:<stack>::<project>::zonal-persistent-storage:index:ZonalPersistentStorage::data";
        const unknown =
            "but no PersistentVolume of context c knows it, and a stack's state wasn't there to ask";
        const remove = [
            "    or, if no other stack has it and you know that nobody needs what is on it",
            "    aws ec2 delete-volume --volume-id=",
        ].join("\n");
        const found = [
            `PersistentVolume misplaced-0 is for nodes in eu-west-1b, but its volume ${misplaced} is in eu-west-1c, where alone it can be attached
    kubectl delete pv/misplaced-0
    the volume stays; have the PersistentVolume made again for eu-west-1c, by its stack if it has one:
    pulumi refresh
    pulumi up`,
            `PersistentVolumes lonely-0 and twin-0 are for one volume, ${lonely}: pods that use both would destroy its data
    keep the one that is needed, and delete the other; the volume stays:
    kubectl delete pv/lonely-0
    kubectl delete pv/twin-0`,
            `there is no ready, schedulable node in eu-west-1a: pods of PersistentVolume lonely-0, twin-0 can't start
    add nodes in eu-west-1a
    or see which disks have a snapshot to be moved from,
    npx zonal-persistent-storage map --zone=eu-west-1a
    and move them: docs/runbooks.md, A zone has failed`,
            `volume ${second.volumeId} (PersistentVolume data-1) lacks the tags ebs.csi.aws.com/cluster=true: the EBS CSI driver's IAM policy may keep it from being attached
    aws ec2 create-tags --resources=${second.volumeId} --tags Key=ebs.csi.aws.com/cluster,Value=true --region=eu-west-1`,
            `volume vol-0123456789abcdef0 (PersistentVolume lost-0) isn't in EC2 in eu-west-1: if it is a stack's, a pulumi up after a refresh would make an EMPTY one in its place
    ${snapshots}vol-0123456789abcdef0 --region=eu-west-1
    restore: make a volume from its last snapshot, and have the PersistentVolume made again for that one`,
            `volume ${twice} (5 GiB, ${first.zone}, made on ${today}) was made for PersistentVolume data-0, ${unknown}: data-0 has volume ${first.volumeId}, so a move keeps this one with its data in the state of another stack, or deletionPolicy Retain kept it when its storage or its ordinal was taken away, or an interrupted pulumi up left it behind
    look at both first; if it holds something, give it an ordinal without a volume (overrides.<ordinal>.volumeId: ${twice})
${remove}${twice} --region=eu-west-1`,
            `volume ${left} (5 GiB, eu-west-1c, made on ${today}) was made for PersistentVolume data-7, ${unknown}: an interrupted pulumi up left it behind, or deletionPolicy Retain kept it
    to use it again, set overrides.7.volumeId of storage data to ${left}, then
    pulumi up
    to have it as the stack's own again after that
    pulumi import --parent=data='${urn}' --protect=false --generate-code=false -- aws:ebs/volume:Volume data-7 ${left}
    remove the override, check that pulumi preview shows no replacement, then
    pulumi up
${remove}${left} --region=eu-west-1`,
            `2 volumes that nothing uses cost money: 10 GiB in all
    ${twice}: 5 GiB, 0 days old, made for data-0
    ${left}: 5 GiB, 0 days old, made for data-7`,
            "7 problems; not looked at: the stack's state\n",
        ];
        assert.equal(stdout, found.join("\n"));
        assert.deepEqual([status, stderr], [1, withoutState]);

        await mend(stdout);
        await createPersistentVolume("misplaced-0", misplaced, "eu-west-1c");
        await createPersistentVolume("lonely-0", lonely, "eu-west-1a");
        await core.deletePersistentVolume({ name: "lost-0" });
        await fillAccount(servers, {
            cluster: cluster.name,
            instances: [{ cluster: cluster.name, role: "node", zone: "eu-west-1a" }],
        });
        assert.deepEqual(await doctor(), healthy);
    });

    it("warns of more disks in a zone than its nodes have attach slots", async () => {
        const storage = kubeConfig(servers).makeApiClient(StorageV1Api);
        const { items } = await core.listNode();
        const names = items
            .filter(({ metadata }) => metadata?.labels?.["topology.kubernetes.io/zone"] === "eu-west-1c")
            .map(({ metadata }) => metadata?.name ?? "");
        for (const [index, name] of names.entries()) {
            const driver = { name: "ebs.csi.aws.com", nodeID: name, allocatable: { count: index } };
            await storage.createCSINode({ body: { metadata: { name }, spec: { drivers: [driver] } } });
        }
        const { status, stdout } = await doctor();
        assert.deepEqual(
            [status, stdout],
            [
                1,
                `the nodes in eu-west-1c have 1 attach slot for 2 disks: if all are used, pods of 1 disk can't start
    add nodes in eu-west-1c, or use instance types with more slots
    or move disks to another zone: docs/evacuate.md
1 problem; not looked at: the stack's state
`,
            ],
        );
        await Promise.all(names.map((name) => storage.deleteCSINode({ name })));
        assert.deepEqual(await doctor(), healthy);
    });

    it("uses the state when there is one", async () => {
        const kept = await createVolume("data-2", "eu-west-1b");
        const component =
            "urn:pulumi:test::zonal-persistent-storage::zonal-persistent-storage:index:ZonalPersistentStorage";
        const resources = [
            ["data-0", data[0]!.volumeId],
            ["data-2", kept],
            ["data-3", "vol-0123456789abcdef0"],
        ].map(([name, id]) => ({
            urn: `${component}$aws:ebs/volume:Volume::${name}`,
            type: "aws:ebs/volume:Volume",
            id,
            parent: `${component}::data`,
            outputs: { tags: volumeTags(cluster.name, name!) },
        }));
        const state = file("state.json", JSON.stringify({ version: 3, deployment: { resources } }));
        assert.deepEqual(await doctor("--state", state), {
            status: 1,
            stdout: `volume ${kept} (data-2 in the state) has no PersistentVolume in the cluster of context c
    pulumi up
volume vol-0123456789abcdef0 (data-3 in the state) isn't in EC2 in eu-west-1: a pulumi up after a refresh would make an EMPTY one in its place
    aws ec2 describe-snapshots --owner-ids self --filters Name=volume-id,Values=vol-0123456789abcdef0 --region=eu-west-1
    restore first: set overrides.3.snapshotId of storage data to its last snapshot, overrides.3.lostVolumeId to vol-0123456789abcdef0, and only then
    pulumi refresh
    pulumi up
2 problems
`,
            stderr: "",
        });
        await ec2.send(new DeleteVolumeCommand({ VolumeId: kept }));
    });

    const blind: [string, NodeJS.ProcessEnv, RegExp][] = [
        [
            "a region",
            { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined },
            /^could not read EC2: Region is missing; check the credentials, AWS_PROFILE and AWS_REGION$/m,
        ],
        [
            "credentials",
            { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
            /^could not read EC2: Could not load credentials from any providers; check the credentials/m,
        ],
        [
            "an answer",
            { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" },
            /^could not read EC2: connect ECONNREFUSED 127\.0\.0\.1:1; check the credentials/m,
        ],
    ];
    blind.forEach(([what, different, line]) =>
        it(`reads Kubernetes without ${what} for EC2`, async () => {
            const { status, stdout, stderr } = await runDoctor([], { ...environment, ...different });
            assert.deepEqual([status, stdout], [2, `${well}, EC2\n`], stderr);
            assert.match(stderr, line);
            assert.equal(stderr.trim().split("\n").length, 2, stderr);
        }),
    );

    it("reports an unknown name of the cluster", async () => {
        const other = await createVolume("stray", "eu-west-1b");
        const tag = { Key: "KubernetesCluster", Value: "otro.k8s.local" };
        await ec2.send(new CreateTagsCommand({ Resources: [other], Tags: [tag] }));
        await createPersistentVolume("stray", other, "eu-west-1b");
        const unsure =
            "did not look for leftover volumes: the cluster has volumes with the tags of otro.k8s.local and proyecto.k8s.local, give --cluster <name>\n";
        const stdout = `${well}, leftover volumes\n`;
        assert.deepEqual(await doctor(), { ...healthy, stdout, stderr: withoutState + unsure });
        const wrong =
            "did not look for leftover volumes: the cluster has volumes with the tags of otro.k8s.local and proyecto.k8s.local, not of proyeto; check --cluster, the stack and the kubeconfig's context\n";
        const mistaken = await doctor("--cluster", "proyeto");
        assert.deepEqual(mistaken, { ...healthy, stdout, stderr: withoutState + wrong });
        const known = await doctor("--cluster", cluster.name);
        assert.equal(known.status, 1);
        assert.equal(
            known.stdout,
            `PersistentVolume stray is on volume ${other}, which by its tags is a volume of cluster otro.k8s.local: what pods of two clusters write destroys its data
    look in cluster otro.k8s.local whether a PersistentVolume names it. If one does, it isn't this cluster's; the volume stays:
    kubectl delete pv/stray
    if that cluster has let go of it for good, remove its tag KubernetesCluster by hand, then
    npx zonal-persistent-storage doctor
1 problem; not looked at: the stack's state
`,
        );
        await mend(known.stdout);
        await ec2.send(new DeleteVolumeCommand({ VolumeId: other }));
        assert.deepEqual(await doctor("--cluster", cluster.name), healthy);
    });

    const refused: [string, () => string[], string | RegExp][] = [
        [
            "a context that isn't in the kubeconfig",
            () => ["--context", "production"],
            /^--context must be a context of the kubeconfig \S+recorded\.kubeconfig \(c\), got "production"\n$/,
        ],
        [
            "a file that isn't there",
            () => ["--state", "no.json"],
            /^--state must be a file, got "no\.json" \(ENOENT: no such file/,
        ],
        [
            "a file that is no state",
            () => ["--state", file("none.json", "[]")],
            /^--state \S+none\.json must be the output of "pulumi stack export", got something else\n$/,
        ],
        [
            "a stack without a CLI",
            () => ["--stack", "production"],
            "there is no Pulumi CLI on the PATH, give --state <file>\n",
        ],
    ];
    refused.forEach(([what, args, message]) =>
        it(`refuses ${what}`, async () => {
            const { status, stdout, stderr } = await doctor(...args());
            assert.deepEqual([status, stdout], [2, ""]);
            if (typeof message === "string") {
                assert.equal(stderr, message);
            } else {
                assert.match(stderr, message);
            }
            assert.doesNotMatch(stderr, /^\s+at /m, "no stack trace");
        }),
    );

    const kubeconfigs: [string, NodeJS.ProcessEnv, RegExp][] = [
        [
            "a file that isn't there",
            { KUBECONFIG: "/no/config" },
            /^KUBECONFIG must name a file that exists, got "\/no\/config"\n$/,
        ],
        [
            "none",
            { KUBECONFIG: "", HOME: "/no" },
            /^there is no kubeconfig: \/no\/\.kube\/config isn't there; set KUBECONFIG to /,
        ],
        [
            "a file with nothing in it",
            { KUBECONFIG: "/dev/null" },
            /^could not read the kubeconfig \/dev\/null: /,
        ],
    ];
    kubeconfigs.forEach(([what, different, message]) =>
        it(`says which kubeconfig it looked for: ${what}`, async () => {
            const { status, stdout, stderr } = await runDoctor([], { ...environment, ...different });
            assert.deepEqual([status, stdout], [2, ""]);
            assert.match(stderr, message);
        }),
    );

    it("looks at another region when told to, and says which volumes it left out", async () => {
        const type = "aws:ebs/volume:Volume";
        const resources = [
            {
                urn: `urn:pulumi:a::b::${type}::data-0`,
                type,
                id: "vol-0123456789abcdef0",
                outputs: { region: "us-east-1" },
            },
        ];
        const state = file("regions.json", JSON.stringify({ version: 3, deployment: { resources } }));
        const { status, stdout, stderr } = await doctor("--state", state);
        assert.deepEqual(
            [status, stdout],
            [2, "no problems found in what could be read; not looked at: volumes in us-east-1\n"],
        );
        assert.equal(stderr, "did not look at the stack's volumes in us-east-1: give --region us-east-1\n");
    });

    it("fails when the cluster can't be read", async () => {
        const KUBECONFIG = file("unreachable", kubeconfigOf("http://127.0.0.1:1"));
        const { status, stdout, stderr } = await runDoctor([], { ...environment, KUBECONFIG });
        assert.deepEqual([status, stdout], [2, ""]);
        assert.match(stderr, /^could not read the cluster of context c: .*ECONNREFUSED/m);
    });
});

import { AttachVolumeCommand, CreateVolumeCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jenkinsOnKops } from "../../sandbox/accounts";
import type { Account } from "../../sandbox/accounts";
import { ec2Client } from "../../sandbox/ec2/instances";
import { tagList } from "../../sandbox/providers/tags";
import type { Servers } from "../../sandbox/servers";
import { bringUp, firstStart, remainingResources, startSandbox } from "../support/cluster/sandbox";

type HttpRequest = { headers: Record<string, string> };

const stopped: Account = {
    ...jenkinsOnKops,
    instances: [
        ...jenkinsOnKops.instances,
        { cluster: "stopped.k8s.local", role: "node", zone: "eu-west-1b", count: 2, state: "stopped" },
    ],
};

const cluster = { name: "proyecto.k8s.local" };
const jenkins = { count: 3, volume: { sizeGiB: 10 } };
const storage = (different: object) => ({ cluster, storages: { jenkins: { ...jenkins, ...different } } });

/** A user's mistake, and the expected message. */
const mistakes: [string, Record<string, unknown>, RegExp][] = [
    [
        "no such cluster",
        { cluster: { name: "otra.k8s.local" }, storages: { jenkins } },
        /no node of the cluster "otra\.k8s\.local" was found:\n {2}- there is no instance in the security group "nodes\.otra\.k8s\.local" in eu-west-1: check the cluster's name/,
    ],
    [
        "a cluster with only stopped nodes",
        { cluster: { name: "stopped.k8s.local" }, storages: { jenkins } },
        /no node of the cluster "stopped\.k8s\.local" is running:\n {2}- 2 instances in .*none of them running \(i-\w+, i-\w+\): start the nodes, or give zones/,
    ],
    [
        "an unknown zone in zones",
        storage({ zones: ["eu-west-1b", "eu-west-1z"] }),
        /there are no such availability zones:\n {2}- zones: no availability zone "eu-west-1z" in eu-west-1, available are eu-west-1a, eu-west-1b, eu-west-1c/,
    ],
    [
        "size 0",
        storage({ volume: { sizeGiB: 0 } }),
        /storages\.jenkins\.volume\.sizeGiB must be between 1 and 65536 for type gp3, got 0/,
    ],
    [
        "size 1.5",
        storage({ volume: { sizeGiB: 1.5 } }),
        /storages\.jenkins\.volume\.sizeGiB must be between 1 and 65536 for type gp3, a whole number, got 1\.5/,
    ],
    [
        'type "gp9"',
        storage({ volume: { sizeGiB: 10, type: "gp9" } }),
        /storages\.jenkins\.volume\.type must be one of gp3, gp2, io1, io2, st1, sc1, standard, got "gp9"/,
    ],
    [
        "count 0",
        storage({ count: 0 }),
        /storages\.jenkins\.count must be a whole number between 1 and 10000, got 0/,
    ],
    [
        "count -1",
        storage({ count: -1 }),
        /storages\.jenkins\.count must be a whole number between 1 and 10000, got -1/,
    ],
    [
        "duplicate zones",
        storage({ zones: ["eu-west-1b", "eu-west-1b"] }),
        /storages\.jenkins\.zones must name each zone once, got \["eu-west-1b","eu-west-1b"\]/,
    ],
    [
        "a bad name",
        { cluster, storages: { Jenkins_Home: jenkins } },
        /storages\.Jenkins_Home must consist of lower case letters, digits and hyphens/,
    ],
    [
        "config that is not an object",
        { cluster, storages: 5 },
        /storages must be a map of storages by name, got 5/,
    ],
    [
        "a volume that doesn't exist",
        storage({ overrides: { "1": { volumeId: "vol-0123456789abcdef0" } } }),
        /overrides\.1\.volumeId must be a volume of this account and region, got "vol-0123456789abcdef0"/,
    ],
];

describe("mistakes in the sandbox", function () {
    this.timeout(120_000);

    let servers: Servers;
    let directory: string;
    let end: () => Promise<void>;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, directory, end } = await startSandbox(stopped));
    });
    after(() => end());

    mistakes.forEach(([what, settings, message]) =>
        it(`rejects ${what}, and creates nothing`, async () => {
            const { errors } = await bringUp(servers, settings);
            assert.equal(errors.length, 1, errors.join("\n"));
            assert.match(errors[0]!, message);
            assert.doesNotMatch(errors[0]!, /^\s+at /m, "no stack trace");
            assert.deepEqual(await remainingResources(servers), []);
        }),
    );

    it("fails when AWS is out of reach, and creates nothing", async () => {
        const { errors } = await bringUp({ ...servers, ec2Endpoint: "http://127.0.0.1:1" }, storage({}));
        assert.match(
            errors.join("\n"),
            /^ZonalPersistentStorage "jenkins" can't be made or updated:\ncould not query availability zones:\n {2}- .*ECONNREFUSED.*\n {2}- check the credentials/,
        );
        assert.deepEqual(await remainingResources(servers), []);
    });

    it("fails when the cluster is out of reach, and creates nothing", async () => {
        const kubeconfig = join(directory, "unreachable");
        const server = "https://127.0.0.1:1";
        const nobody = {
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name: "c", cluster: { server } }],
            users: [{ name: "u", user: {} }],
            contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
            "current-context": "c",
        };
        writeFileSync(kubeconfig, JSON.stringify(nobody));
        const { errors } = await bringUp({ ...servers, kubeconfig }, storage({}));
        assert.equal(errors.length, 1, errors.join("\n"));
        assert.match(
            errors[0]!,
            /^creating kubernetes:storage\.k8s\.io\/v1:StorageClass jenkins: .*ECONNREFUSED 127\.0\.0\.1:1/,
        );
        assert.deepEqual(await remainingResources(servers), []);
    });

    /** Id of a volume in zone b, of this account or another one. */
    const createVolume = async (tags: Record<string, string>, otherAccount?: string) => {
        const client = ec2Client(servers);
        client.middlewareStack.add(
            (next) => (args) => {
                if (otherAccount !== undefined) {
                    // How moto tells accounts apart (docs/multi_account).
                    (args.request as HttpRequest).headers["x-moto-account-id"] = otherAccount;
                }
                return next(args);
            },
            { step: "build" },
        );
        const { VolumeId = "" } = await client.send(
            new CreateVolumeCommand({
                AvailabilityZone: "eu-west-1b",
                Size: 1,
                TagSpecifications: [{ ResourceType: "volume", Tags: tagList({ team: "storage", ...tags }) }],
            }),
        );
        return VolumeId;
    };
    const notOurs: [string, () => Promise<string>, RegExp][] = [
        [
            "a volume of another cluster",
            () => createVolume({ KubernetesCluster: "otra.k8s.local" }),
            /overrides\.1\.volumeId must not be a volume of another cluster, its tags say "otra\.k8s\.local"/,
        ],
        [
            "a volume of another account",
            () => createVolume({}, "999999999999"),
            /overrides\.1\.volumeId must be a volume of this account and region/,
        ],
    ];
    notOurs.forEach(([what, create, message]) =>
        it(`rejects ${what}, and creates nothing`, async () => {
            const volumeId = await create();
            const before = await remainingResources(servers);
            const { errors } = await bringUp(servers, storage({ overrides: { "1": { volumeId } } }));
            assert.equal(errors.length, 1, errors.join("\n"));
            assert.match(errors[0]!, message);
            assert.deepEqual(await remainingResources(servers), before);
        }),
    );

    it("accepts a volume that is attached to a node of the cluster", async () => {
        const volumeId = await createVolume({});
        const { Reservations = [] } = await ec2Client(servers).send(
            new DescribeInstancesCommand({
                Filters: [
                    { Name: "instance.group-name", Values: ["nodes.proyecto.k8s.local"] },
                    { Name: "availability-zone", Values: ["eu-west-1b"] },
                    { Name: "instance-state-name", Values: ["running"] },
                ],
            }),
        );
        const InstanceId = Reservations[0]?.Instances?.[0]?.InstanceId;
        await ec2Client(servers).send(
            new AttachVolumeCommand({ InstanceId, VolumeId: volumeId, Device: "/dev/sdf" }),
        );
        const { errors } = await bringUp(servers, storage({ count: 2, overrides: { "1": { volumeId } } }));
        assert.deepEqual(errors, []);
    });
});

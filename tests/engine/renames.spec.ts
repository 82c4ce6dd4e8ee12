import assert from "node:assert/strict";
import type { PulumiCli } from "../../sandbox/engine/cli";
import { ec2Error, lifecycleError } from "../../sandbox/faults";
import type { FaultyServers } from "../../sandbox/faults";
import type { Servers } from "../../sandbox/servers";
import { mustRun, runWith, startCli } from "../support/cli/cli";
import { runDoctorOn } from "../support/tools/doctor";
import { volumesInState } from "../support/cluster/ledger";
import { firstStart } from "../support/cluster/sandbox";

const cluster = { name: "proyecto.k8s.local" };
const up = ["up", "--yes", "--skip-preview"];
const roleArn = "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole";

/** A storage that gets another name keeps its disks, wherever the update fails and however it is repeated. */
describe("incomplete renames with the Pulumi CLI", function () {
    this.timeout(180_000);

    let faulty: FaultyServers;
    let servers: Servers;
    let cli: PulumiCli;
    let end: () => Promise<void> = () => Promise.resolve();

    before(async function () {
        this.timeout(firstStart);
        ({ faulty, servers, cli, end } = await startCli(this, { sharesProcess: true }));
    });
    after(() => end());
    afterEach(async () => {
        faulty.ec2.heal();
        await cli.run(["state", "unprotect", "--all", "--yes"]);
        await cli.run(["destroy", "--yes", "--skip-preview"]);
    });

    /** The storage under a name of today and names that it had before; what it is called in the cluster stays. */
    const named = (name: string, aliases: string[], different: object = {}) => ({
        cluster,
        storages: {
            [name]: {
                aliases,
                count: 3,
                volume: { sizeGiB: 10 },
                backup: { roleArn },
                persistentVolume: { namePrefix: "data" },
                storageClass: { name: "data" },
                ...different,
            },
        },
    });
    const run = (settings: Readonly<Record<string, unknown>>, command = up) =>
        runWith(cli, settings, command);
    const must = (settings: Readonly<Record<string, unknown>>, command = up) =>
        mustRun(cli, settings, command);
    const ids = async () => (await volumesInState(cli)).map(({ id }) => id).sort();
    const untaggable = (skip: number) => {
        let seen = 0;
        faulty.ec2.fail(ec2Error(403, "UnauthorizedOperation"), {
            matching: ({ body }) => body.includes("Action=CreateTags") && seen++ >= skip,
        });
    };

    const policies = [
        { protect: false, deletionPolicy: "Delete" },
        { protect: false, deletionPolicy: "Retain" },
        { protect: true, deletionPolicy: "Retain" },
    ];
    policies.forEach((policy) =>
        it(`keep all disks when they are repeated: ${JSON.stringify(policy)}`, async () => {
            await must(named("data", [], policy));
            const before = await ids();
            untaggable(1);
            assert.notEqual((await run(named("registry", ["data"], policy))).code, 0);
            faulty.ec2.heal();
            const steps = await must(named("registry", ["data"], policy));
            assert.deepEqual(
                steps.filter((step) => !step.startsWith("update ")),
                [],
                "nothing is created, replaced or deleted",
            );
            assert.deepEqual(await ids(), before);
            // The provider has recorded the tags that EC2 refused.
            await must(named("registry", ["data"], policy), [...up, "--refresh"]);
            assert.deepEqual((await run(named("registry", ["data"], policy), ["preview"])).steps, []);
        }),
    );

    it("say how the backup policy gets its new tag when its update has failed", async () => {
        await must(named("data", []));
        faulty.ec2.fail(lifecycleError(403, "AccessDeniedException"), {
            matching: ({ method, path }) => method === "PATCH" && path.startsWith("/policies/"),
        });
        const { code, text } = await run(named("registry", ["data"]));
        assert.notEqual(code, 0, text);
        assert.match(
            text.replace(/\s+/g, " "),
            /backup policy registry: the AWS provider has recorded .*: run pulumi up --refresh when AWS takes it/,
        );
        faulty.ec2.heal();
        const steps = await must(named("registry", ["data"]), [...up, "--refresh"]);
        assert.ok(steps.includes("update LifecyclePolicy registry"), String(steps));
        assert.deepEqual((await run(named("registry", ["data"]), ["preview", "--refresh"])).steps, []);
    });

    it("keep all disks after two failed renames", async () => {
        const policy = { protect: false, deletionPolicy: "Delete" };
        await must(named("data", [], policy));
        const before = await ids();
        untaggable(1);
        assert.notEqual((await run(named("cache", ["data"], policy))).code, 0);
        faulty.ec2.heal();
        const { stdout } = await runDoctorOn(cli, servers);
        assert.match(
            stdout,
            /^storage cache was renamed, but (data-\d, )+data-\d in the state still have its former name.* EMPTY volumes.*\n {4}keep or set aliases: \[data\] of storage cache .*\n {4}pulumi preview\n.*\n {4}pulumi up\n/,
        );
        untaggable(0);
        assert.notEqual((await run(named("registry", ["cache", "data"], policy))).code, 0);
        faulty.ec2.heal();
        const steps = await must(named("registry", ["cache", "data"], policy));
        assert.deepEqual(
            steps.filter((step) => !step.startsWith("update ")),
            [],
        );
        assert.deepEqual(await ids(), before);
        assert.doesNotMatch((await runDoctorOn(cli, servers)).stdout, /former name/);
    });
});

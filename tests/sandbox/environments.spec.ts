import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VolumeRecord } from "../../components";
import { accountOfNodes, fillAccount, jenkinsOnKops } from "../../sandbox/accounts";
import { standIn } from "../../sandbox/engine";
import { readStack } from "../../sandbox/engine/program";
import { diskProblems, SandboxReader } from "../../sandbox/readBack";
import type { Servers } from "../../sandbox/servers";
import { firstStart, project, startSandbox } from "../support/cluster/sandbox";
import { stackNames } from "../support/pages/stackTable";

describe("the stacks", function () {
    this.timeout(120_000);

    let servers: Servers;
    let end: () => Promise<void>;

    before(async function () {
        this.timeout(firstStart);
        ({ servers, end } = await startSandbox());
    });
    after(() => end());

    for (const name of stackNames) {
        it(`are brought up from their files: ${name}`, async () => {
            const stack = await readStack(project, name);
            const { name: cluster } = stack.config["zonal-persistent-storage:cluster"] as { name: string };
            const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
            await fillAccount(servers, name === "dev" ? jenkinsOnKops : accountOfNodes(cluster, 3, zones));
            const kubeconfig = readFileSync(servers.kubeconfig, "utf8");
            const config = {
                ...stack.config,
                ...(name === "dev" ? {} : { "zonal-persistent-storage:kubeconfig": kubeconfig }),
                // The class and the PersistentVolumes have names of the cluster, which the stacks share here.
                ...(name === "prod" ? renamed(stack.config) : {}),
            };
            const { errors, outputs } = await standIn({ ...stack, config }, servers).up(() => undefined);
            assert.deepEqual(errors, []);
            const storages = outputs.storages as Record<string, { volumes: VolumeRecord[] }>;
            const volumes = Object.values(storages).flatMap((storage) => storage.volumes);
            assert.equal(volumes.length, 3);
            assert.deepEqual((await new SandboxReader(servers).disks(volumes)).flatMap(diskProblems), []);
        });
    }
});

function renamed(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const key = "zonal-persistent-storage:storages";
    const { jenkins } = config[key] as Record<string, unknown>;
    return { [key]: { production: jenkins } };
}

describe("the workflows", function () {
    // The first time it is compiled.
    this.timeout(300_000);

    it("pass actionlint", () => {
        const { status, stdout, stderr } = spawnSync(
            "go",
            [
                ...["run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"],
                // They depend on what else a machine has.
                ...["-shellcheck=", "-pyflakes="],
                join("examples", "github-actions", "storage.yml"),
                join(".github", "workflows", "ci.yml"),
            ],
            { cwd: project, encoding: "utf8" },
        );
        assert.equal(status, 0, stdout + stderr);
    });
});

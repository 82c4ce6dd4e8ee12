import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { record, recordFailure } from "../support/mocks/mocks";
import { program } from "../support/mocks/program";
import { project } from "../support/cluster/sandbox";

const settingsType = "pulumiservice:index:DeploymentSettings";
const scheduleType = "pulumiservice:index:DriftSchedule";
const roleArns = Object.fromEntries(
    ["dev", "staging", "prod"].map((stack) => [stack, `arn:aws:iam::123456789012:role/storage-${stack}`]),
);
const source = { organization: "acme", repository: "acme/storage", roleArns };

describe("the deployments", () => {
    const run = (different: object = {}) =>
        record(program("deployments/index.ts", { ...source, ...different }), {});

    it("have complete settings for each stack", async () => {
        const { of } = await run();
        const settings = of(settingsType);
        const { dev } = settings;
        const expected = (stack: string) => ({
            organization: "acme",
            project: "zonal-persistent-storage",
            stack,
            sourceContext: { git: { branch: "main", repoDir: "." } },
            vcs: {
                provider: "github",
                repository: "acme/storage",
                deployCommits: true,
                previewPullRequests: true,
                pullRequestTemplate: false,
                paths: [
                    "index.ts",
                    "program/**",
                    "components/**",
                    "package.json",
                    "package-lock.json",
                    ".npmrc",
                    "tsconfig.json",
                    "Pulumi.yaml",
                    `Pulumi.${stack}.yaml`,
                ],
            },
            operationContext: {
                preRunCommands: [
                    "npm ci",
                    `pulumi config env add zonal-persistent-storage/${stack} --stack acme/zonal-persistent-storage/${stack} --yes`,
                ],
                environmentVariables: { PULUMI_SKIP_UPDATE_CHECK: "true" },
                oidc: {
                    aws: {
                        roleARN: `arn:aws:iam::123456789012:role/storage-${stack}`,
                        sessionName: "${stack.name}-${deployment.operation}-${deployment.version}",
                        duration: "1h",
                    },
                },
                options: {
                    skipInstallDependencies: true,
                    skipIntermediateDeployments: true,
                    deleteAfterDestroy: false,
                    shell: "bash",
                },
            },
            cacheOptions: { enable: true },
        });
        assert.deepEqual(dev?.inputs, expected("dev"));
        assert.deepEqual(settings.staging?.inputs, expected("staging"));
        const { vcs, ...prod } = expected("prod");
        assert.deepEqual(
            settings.prod?.inputs,
            { ...prod, vcs: { ...vcs, deployCommits: false } },
            "a push never brings up production",
        );
        assert.deepEqual(Object.keys(settings), ["dev", "prod", "staging"]);
    });

    it("detect drift without remediation", async () => {
        const { of } = await run();
        const settings = of(settingsType);
        const schedules = of(scheduleType);
        assert.deepEqual(
            Object.entries(schedules).map(([name, { inputs }]) => [name, inputs]),
            Object.entries({ dev: "0 5 * * 1", prod: "0 */6 * * *", staging: "0 5 * * *" }).map(
                ([stack, scheduleCron]) => [
                    stack,
                    {
                        organization: "acme",
                        project: "zonal-persistent-storage",
                        stack,
                        scheduleCron,
                        autoRemediate: false,
                    },
                ],
            ),
        );
        Object.keys(settings).forEach((stack) =>
            assert.deepEqual(
                schedules[stack]?.dependencies.map((urn) => urn.split(/::|\$/).slice(-2)),
                [[settingsType, stack]],
            ),
        );
    });

    it("follow the config's branch", async () => {
        const { of } = await run({ branch: "release" });
        assert.deepEqual(
            Object.values(of(settingsType)).map(({ inputs }) => inputs.sourceContext),
            Array.from({ length: 3 }, () => ({ git: { branch: "release", repoDir: "." } })),
        );
    });

    it("accept the settings of the example", async () => {
        const file = readFileSync(join(project, "deployments", "Pulumi.main.yaml"), "utf8");
        const { config } = parse(file) as { config: Record<string, unknown> };
        const own = Object.entries(config).map(([key, value]) => [key.split(":")[1], value]);
        const { of } = await record(
            program("deployments/index.ts", Object.fromEntries(own) as Record<string, unknown>),
            {},
        );
        assert.equal(Object.keys(of(settingsType)).length, 3);
    });

    it("reject a config with all problems at once", async () => {
        const { dev, ...others } = roleArns;
        const { error, registrations } = await recordFailure(
            program("deployments/index.ts", {
                organization: "Acme",
                repository: "https://github.com/acme/storage",
                roleArns: { ...others, prod: "admin", test: dev },
            }),
            {},
        );
        assert.equal(
            error.message,
            [
                "the stack's config can't be used:",
                '  - organization must be as in Pulumi Cloud\'s addresses, in lower case, got "Acme"',
                '  - repository must be owner/name, got "https://github.com/acme/storage"',
                "  - roleArns.dev is required and must be the ARN of an IAM role",
                '  - roleArns.prod must be the ARN of an IAM role, got "admin"',
                '  - roleArns must have no stacks but dev, staging, prod, got "test"',
            ].join("\n"),
        );
        assert.deepEqual(
            registrations.filter(({ custom }) => custom),
            [],
        );
    });
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { readStorages } from "../../program/config";
import { stacks } from "../../deployments/settings";
import { configAsText, readStack } from "../../sandbox/engine/program";
import { project } from "../support/cluster/sandbox";
import { stackNames, stackTable } from "../support/pages/stackTable";

const read = (...path: string[]) => readFileSync(join(project, ...path), "utf8");

describe("the stacks", () => {
    it("differ exactly in the settings of the page's table", () => {
        assert.ok(read("docs", "environments.md").includes(`\n${stackTable()}\n\n`), stackTable());
    });

    it("are the stacks of the deployments and the workflow", () => {
        assert.deepEqual(
            stacks.map(({ stack }) => stack),
            stackNames,
        );
        const { jobs } = parse(read("examples", "github-actions", "storage.yml")) as {
            jobs: Record<string, { strategy: { matrix: { stack: string[] } } }>;
        };
        Object.values(jobs).forEach(({ strategy }) => assert.deepEqual(strategy.matrix.stack, stackNames));
    });

    it("are deployed as in the page's table", () => {
        const crons: Record<string, string> = {
            "0 5 * * 1": "Mondays",
            "0 5 * * *": "daily",
            "0 */6 * * *": "every 6 hours",
        };
        const rows = [
            [
                "a push to `main`",
                ...stacks.map(({ onPush }) => (onPush ? "up" : "nothing: someone starts it")),
            ],
            ["drift is looked for", ...stacks.map(({ driftCron }) => crons[driftCron])],
        ];
        const page = read("docs", "environments.md");
        rows.forEach((cells) => assert.ok(page.includes(`\n| ${cells.join(" | ")} |\n`), cells.join()));
    });

    for (const name of stackNames) {
        it(`have no settings of a backend: ${name}`, () => {
            const file = parse(read(`Pulumi.${name}.yaml`)) as object;
            assert.deepEqual(Object.keys(file), ["config"]);
            assert.doesNotMatch(read(`Pulumi.${name}.yaml`), /secure:|encryption|AKIA|kubeconfig:/);
        });
    }

    it("encrypt, retain and protect production volumes, in a separate account and cluster", async () => {
        const { config } = await readStack(project, "prod");
        readStorages("zonal-persistent-storage", configAsText(config)).forEach(({ args }) => {
            assert.deepEqual(
                [args.volume.encrypted, args.deletionPolicy, args.protect],
                [true, "Retain", true],
            );
        });
        assert.ok(Array.isArray(config["aws:allowedAccountIds"]));
        assert.deepEqual(config["pulumi:disable-default-providers"], ["kubernetes"]);
    });
});

describe("deployments and policies", () => {
    for (const folder of ["deployments", "policy"]) {
        it(`use this project's versions: ${folder}`, () => {
            type Manifest = Record<"dependencies" | "devDependencies", Record<string, string>>;
            const { dependencies: own } = JSON.parse(read(folder, "package.json")) as Manifest;
            const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Manifest;
            const all = { ...dependencies, ...devDependencies };
            Object.entries(own).forEach(([name, version]) => assert.equal(version, all[name], name));
        });
    }
});

describe("examples of environments", () => {
    const folders = ["environments", "github-actions", "kubernetes-operator"];
    const files = folders.flatMap((folder) =>
        readdirSync(join(project, "examples", folder)).map((file) => read("examples", folder, file)),
    );

    it("have no long-lived keys", () => {
        assert.equal(files.length, 3);
        files.forEach((text) => {
            assert.doesNotMatch(text, /AKIA|ASIA|BEGIN|secrets\.|ghp_|pul-[0-9a-f]/);
            assert.doesNotMatch(text, /\s(\w*ACCESS_KEY\w*|AWS_SESSION_TOKEN|token|password): (?!\$\{)\S/i);
        });
    });

    it("use OIDC credentials and valid settings in the ESC environment", () => {
        const { values } = parse(read("examples", "environments", "prod.yaml")) as {
            values: {
                aws: { login: { "fn::open::aws-login": { oidc: object } } };
                environmentVariables: Record<string, string>;
                pulumiConfig: Record<string, { "fn::secret": string }>;
            };
        };
        assert.deepEqual(values.aws.login["fn::open::aws-login"].oidc, {
            duration: "1h",
            roleArn: "arn:aws:iam::123456789012:role/storage-prod",
            sessionName: "zonal-persistent-storage",
            subjectAttributes: ["currentEnvironment.name"],
        });
        Object.values(values.environmentVariables).forEach((value) =>
            assert.match(value, /^\$\{aws\.login\.\w+\}$/),
        );
        assert.deepEqual(Object.keys(values.pulumiConfig), ["zonal-persistent-storage:kubeconfig"]);
        const kubeconfig = values.pulumiConfig["zonal-persistent-storage:kubeconfig"]!["fn::secret"];
        assert.equal((parse(kubeconfig) as { kind: string }).kind, "Config");
    });

    it("use fields of the operator's v2 without automatic runs", () => {
        const documents = parseAllDocuments(read("examples", "kubernetes-operator", "stack.yaml")).map(
            (one) => one.toJS() as { kind: string; spec?: Record<string, unknown> },
        );
        assert.deepEqual(
            documents.map(({ kind }) => kind),
            ["ServiceAccount", "ClusterRoleBinding", "Stack"],
        );
        const { spec = {} } = documents[2]!;
        // Of deploy/crds/pulumi.com_stacks.yaml at v2.9.0; what is deprecated there is left out.
        const known = [
            ...["backend", "branch", "continueResyncOnCommitMatch", "destroyOnFinalize", "envRefs"],
            ...["projectRepo", "refresh", "resyncFrequencySeconds", "retryMaxBackoffDurationSeconds"],
            ...["secretsProvider", "secretsRef", "serviceAccountName", "shallow", "stack"],
            "workspaceTemplate",
        ];
        assert.deepEqual(Object.keys(spec).sort(), known);
        assert.deepEqual(
            [spec.destroyOnFinalize, spec.continueResyncOnCommitMatch, spec.refresh],
            [false, false, false],
        );
    });
});

import { Config, RunError } from "@pulumi/pulumi";
import { DeploymentSettings, DriftSchedule } from "@pulumi/pulumiservice";
import { deploymentSettings, driftSchedule, sourceProblems, stacks } from "./settings";
import type { Source } from "./settings";

const config = new Config();
const source: Source = {
    organization: config.require("organization"),
    repository: config.require("repository"),
    branch: config.get("branch") ?? "main",
    roleArns: config.requireObject("roleArns"),
};
const problems = sourceProblems(source);
if (problems.length > 0) {
    throw new RunError(["the stack's config can't be used:", ...problems].join("\n  - "));
}

for (const deployment of stacks) {
    const settings = new DeploymentSettings(deployment.stack, deploymentSettings(source, deployment));
    // Pulumi Cloud accepts schedules only for stacks with settings.
    new DriftSchedule(deployment.stack, driftSchedule(source, deployment), { dependsOn: settings });
}

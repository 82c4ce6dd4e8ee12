import type { DeploymentSettingsArgs, DriftScheduleArgs } from "@pulumi/pulumiservice";
import { pathFilters } from "./pathFilters";

/** Name of the Pulumi project whose stacks are deployed. */
export const project = "zonal-persistent-storage";

/** Deployment options of a stack. */
export interface StackDeployment {
    /** Name of the stack. */
    readonly stack: string;
    /** Whether a push to the branch deploys the stack. Otherwise each deployment is started by hand. */
    readonly onPush: boolean;
    /** Times of drift detection, as a cron expression in UTC. */
    readonly driftCron: string;
}

/** Source and roles of the deployments. */
export interface Source {
    /** Pulumi organization that the stacks are in. */
    readonly organization: string;
    /** GitHub repository: `owner/name`. */
    readonly repository: string;
    /** Branch that the stacks follow. */
    readonly branch: string;
    /** ARN of the IAM role of a stack's deployments, by stack. */
    readonly roleArns: Readonly<Record<string, string>>;
}

/** The stacks. Production is deployed by hand: a push only runs a preview. */
export const stacks: readonly StackDeployment[] = [
    { stack: "dev", onPush: true, driftCron: "0 5 * * 1" },
    { stack: "staging", onPush: true, driftCron: "0 5 * * *" },
    { stack: "prod", onPush: false, driftCron: "0 */6 * * *" },
];

/** A stack's deployment settings in Pulumi Cloud. */
export function deploymentSettings(
    { organization, repository, branch, roleArns }: Source,
    { stack, onPush }: StackDeployment,
): DeploymentSettingsArgs {
    return {
        organization,
        project,
        stack,
        sourceContext: { git: { branch, repoDir: "." } },
        vcs: {
            provider: "github",
            repository,
            deployCommits: onPush,
            previewPullRequests: true,
            // A review stack would create disks for each pull request.
            pullRequestTemplate: false,
            paths: pathFilters(stack),
        },
        operationContext: {
            // Installs the lockfile's versions, then adds the ESC environment with the stack's kubeconfig: the stack's
            // file doesn't name it, since other backends have no environments.
            preRunCommands: [
                "npm ci",
                `pulumi config env add ${project}/${stack} --stack ${organization}/${project}/${stack} --yes`,
            ],
            environmentVariables: { PULUMI_SKIP_UPDATE_CHECK: "true" },
            oidc: {
                aws: {
                    roleARN: roleArns[stack] ?? "",
                    // Names the deployment in CloudTrail.
                    sessionName: "${stack.name}-${deployment.operation}-${deployment.version}",
                    duration: "1h",
                },
            },
            options: {
                skipInstallDependencies: true,
                // Of several pushes in a row only the last is deployed.
                skipIntermediateDeployments: true,
                deleteAfterDestroy: false,
                shell: "bash",
            },
        },
        cacheOptions: { enable: true },
    };
}

/** Schedule of drift detection. Without remediation, which would change disks unattended. */
export function driftSchedule(
    { organization }: Source,
    { stack, driftCron }: StackDeployment,
): DriftScheduleArgs {
    return { organization, project, stack, scheduleCron: driftCron, autoRemediate: false };
}

/** Problems of a source, by their paths in the config. */
export function sourceProblems({ organization, repository, roleArns }: Source): string[] {
    const wrong = (path: string, rule: string, got: string | undefined) =>
        got === undefined ? `${path} is required and ${rule}` : `${path} ${rule}, got ${JSON.stringify(got)}`;
    const names = stacks.map(({ stack }) => stack);
    return [
        // AWS compares the token's audience exactly.
        ...(/^[a-z0-9][a-z0-9_-]*$/.test(organization)
            ? []
            : [wrong("organization", "must be as in Pulumi Cloud's addresses, in lower case", organization)]),
        ...(/^[\w.-]+\/[\w.-]+$/.test(repository)
            ? []
            : [wrong("repository", "must be owner/name", repository)]),
        ...names
            .filter((name) => !/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(roleArns[name] ?? ""))
            .map((name) => wrong(`roleArns.${name}`, "must be the ARN of an IAM role", roleArns[name])),
        ...Object.keys(roleArns)
            .filter((name) => !names.includes(name))
            .map((name) => wrong("roleArns", `must have no stacks but ${names.join(", ")}`, name)),
    ];
}

import type { DeploymentSettingsArgs, DriftScheduleArgs } from "@pulumi/pulumiservice";
import { pathFilters } from "./pathFilters";

/** Name of the Pulumi project whose stacks are deployed. */
export const project = "zonal-persistent-storage";

/** How one stack is deployed. */
export interface StackDeployment {
    /** Name of the stack. */
    readonly stack: string;
    /** Whether a push to the branch brings the stack up; otherwise someone starts each deployment. */
    readonly onPush: boolean;
    /** When to look for drift, as a cron expression in UTC. */
    readonly driftCron: string;
}

/** Where the stacks are deployed from, and as whom. */
export interface Source {
    /** Pulumi organization that the stacks are in. */
    readonly organization: string;
    /** GitHub repository: `owner/name`. */
    readonly repository: string;
    /** Branch that the stacks follow. */
    readonly branch: string;
    /** ARN of the IAM role that a stack's deployments take on, by stack. */
    readonly roleArns: Readonly<Record<string, string>>;
}

/** The stacks. Production waits for someone: a push only shows what it would do. */
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
            // A review stack would make disks of its own for each pull request.
            pullRequestTemplate: false,
            paths: pathFilters(stack),
        },
        operationContext: {
            // What the lockfile says, and nothing newer. Then the stack's kubeconfig, from its ESC environment:
            // the stack's file doesn't name it, since other backends have no environments.
            preRunCommands: [
                "npm ci",
                `pulumi config env add ${project}/${stack} --stack ${organization}/${project}/${stack} --yes`,
            ],
            environmentVariables: { PULUMI_SKIP_UPDATE_CHECK: "true" },
            oidc: {
                aws: {
                    roleARN: roleArns[stack] ?? "",
                    // CloudTrail shows which deployment it was.
                    sessionName: "${stack.name}-${deployment.operation}-${deployment.version}",
                    duration: "1h",
                },
            },
            options: {
                skipInstallDependencies: true,
                // Of several pushes in a row only the last one counts.
                skipIntermediateDeployments: true,
                deleteAfterDestroy: false,
                shell: "bash",
            },
        },
        cacheOptions: { enable: true },
    };
}

/** When Pulumi Cloud looks for drift. It never mends any: that would run the program on disks, unattended. */
export function driftSchedule(
    { organization }: Source,
    { stack, driftCron }: StackDeployment,
): DriftScheduleArgs {
    return { organization, project, stack, scheduleCron: driftCron, autoRemediate: false };
}

/** What is wrong with a source, each by its path in the config. */
export function sourceProblems({ organization, repository, roleArns }: Source): string[] {
    const wrong = (path: string, rule: string, got: string | undefined) =>
        got === undefined ? `${path} is missing: it ${rule}` : `${path} ${rule}, got ${JSON.stringify(got)}`;
    const names = stacks.map(({ stack }) => stack);
    return [
        // AWS compares the token's audience letter by letter.
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

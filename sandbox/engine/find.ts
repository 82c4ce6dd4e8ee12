import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Folder of the CLI's installer, with its plugins: https://www.pulumi.com/docs/iac/cli/environment-variables/. */
export function pulumiHome(env: NodeJS.ProcessEnv): string {
    return env.PULUMI_HOME || join(env.HOME || homedir(), ".pulumi");
}

/** The first folder on the PATH with a program. */
export function folderOnPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
    return folders(env).find((folder) => existsSync(join(folder, program)));
}

/**
 * An environment whose PATH starts with the folder of the Pulumi CLI, from the PATH or from its installer. The CLI
 * looks for its language hosts on the PATH.
 */
export function withCli(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const installed = join(pulumiHome(env), "bin");
    const folder =
        folderOnPath("pulumi", env) ?? (existsSync(join(installed, "pulumi")) ? installed : undefined);
    if (folder === undefined) {
        return env;
    }
    return { ...env, PATH: [folder, ...folders(env).filter((one) => one !== folder)].join(delimiter) };
}

function folders({ PATH = "" }: NodeJS.ProcessEnv): string[] {
    return PATH.split(delimiter).filter((folder) => folder !== "");
}

import { spawn } from "node:child_process";
import { basename, dirname } from "node:path";
import { text } from "node:stream/consumers";
import type { Provider } from "../providers/provider";
import { Monitor } from "./monitor";
import { configAsText } from "./program";
import type { ProgramRun, ProjectStack } from "./program";

/**
 * Runs a stack's program once without the CLI, and creates its resources. Pulumi's language runner is started as
 * `pulumi-language-nodejs` does.
 *
 * @param signal - Kills the program.
 */
export async function runWithStandIn(
    { main, project, stack, config }: ProjectStack,
    providers: readonly Provider[],
    environment: NodeJS.ProcessEnv,
    signal?: AbortSignal,
): Promise<ProgramRun> {
    const monitor = new Monitor(project, stack, providers);
    const address = await monitor.listen();
    const directory = dirname(main);
    const options = {
        monitor: address,
        engine: address,
        project,
        stack,
        "root-directory": directory,
        pwd: directory,
        parallel: "16",
    };
    const runner = spawn(
        process.execPath,
        [
            // The runner of the program's own SDK, which the program imports as well.
            require.resolve("@pulumi/pulumi/cmd/run", { paths: [directory] }),
            ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
            basename(main),
        ],
        {
            cwd: directory,
            env: {
                ...environment,
                PULUMI_NODEJS_TYPESCRIPT: "true",
                PULUMI_CONFIG: JSON.stringify(configAsText(config)),
                PULUMI_CONFIG_SECRET_KEYS: "[]",
            },
            stdio: ["ignore", "pipe", "pipe"],
            signal,
            killSignal: "SIGKILL",
        },
    );
    runner.on("error", () => undefined); // killed
    const exited = new Promise<number | null>((resolve) => runner.on("close", resolve));
    const [printed, exitCode] = await Promise.all([text(runner.stderr), exited, text(runner.stdout)]).then(
        ([stderr, code, stdout]) => [stdout + stderr, code] as const,
    );
    await monitor.close();
    const errors = [...monitor.errors];
    if (exitCode !== 0 && errors.length === 0) {
        errors.push(printed.trim() || `the program ended with status ${exitCode}`);
    }
    return { errors, outputs: monitor.outputs, exportState: () => Promise.resolve(monitor.exported()) };
}

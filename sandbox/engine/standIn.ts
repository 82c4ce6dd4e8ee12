import { spawn } from "node:child_process";
import { basename, dirname } from "node:path";
import { text } from "node:stream/consumers";
import type { Provider } from "../providers/provider";
import { Monitor } from "./monitor";
import { asTexts } from "./program";
import type { ProgramRun, ProjectStack } from "./program";

/**
 * Runs a stack's program once, creating everything it asks for, with Pulumi's own language runner and no
 * CLI: the runner is started as `pulumi-language-nodejs` starts it.
 */
export async function runWithStandIn(
    { main, project, stack, config }: ProjectStack,
    providers: readonly Provider[],
    environment: NodeJS.ProcessEnv,
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
            // The program's own: it is one SDK with what the program imports.
            require.resolve("@pulumi/pulumi/cmd/run", { paths: [directory] }),
            ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
            basename(main),
        ],
        {
            cwd: directory,
            env: {
                ...environment,
                PULUMI_NODEJS_TYPESCRIPT: "true",
                PULUMI_CONFIG: JSON.stringify(asTexts(config)),
                PULUMI_CONFIG_SECRET_KEYS: "[]",
            },
            stdio: ["ignore", "pipe", "pipe"],
        },
    );
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

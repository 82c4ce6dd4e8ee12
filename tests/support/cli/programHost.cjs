"use strict";

// Runs programs for the Pulumi CLI in one process, one after the other, as Pulumi's Automation API runs inline programs:
// the CLI connects to it (`--client`) instead of starting a language host, which starts Node.js for each run. What it
// does with a program is what @pulumi/pulumi/cmd/run does, in the same words; programHost.spec.ts compares them.

const { AsyncResource } = require("node:async_hooks");
const { join, sep } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const grpc = require("@grpc/grpc-js");
const { defaultErrorMessage } = require("@pulumi/pulumi/cmd/run/error");
const { ResourceError, RunError } = require("@pulumi/pulumi/errors");
const log = require("@pulumi/pulumi/log");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");
const { GetRequiredPluginsResponse, RunResponse } = require("@pulumi/pulumi/proto/language_pb");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");
const { setAllConfig } = require("@pulumi/pulumi/runtime/config");
const { leakedPromises } = require("@pulumi/pulumi/runtime/debuggable");
const settings = require("@pulumi/pulumi/runtime/settings");
const { runInPulumiStack } = require("@pulumi/pulumi/runtime/stack");
const { getStore, withLocalStorage } = require("@pulumi/pulumi/runtime/state");

// A new CLI may listen on the port of one that was killed, to which connections of before would still be tried.
settings.grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

const components = join(__dirname, "..", "..", "..", "components") + sep;

/** Handles what the program that runs has neither caught nor handled. */
let onError;
for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => onError?.(error));
}

/** Loads a program anew, but for packages and the library, which share nothing between programs. */
function load(main) {
    for (const file of Object.keys(require.cache)) {
        if (!file.includes(`${sep}node_modules${sep}`) && !file.startsWith(components)) {
            delete require.cache[file];
        }
    }
    return require(main);
}

/**
 * Gives the SDK's log a new queue. There is one in a process, and a message about a resource that was never registered
 * blocks it.
 */
function renewLog() {
    const file = require.resolve("@pulumi/pulumi/log");
    delete require.cache[file];
    Object.assign(log, require(file));
}

function report(main, error) {
    if (RunError.isInstance(error)) {
        log.error(error.message);
    } else if (ResourceError.isInstance(error)) {
        log.error(error.hideStack ? error.message : defaultErrorMessage(error), error.resource);
    } else {
        log.error(
            `Running program '${main}' failed with an unhandled exception:\n${defaultErrorMessage(error)}`,
        );
    }
}

/** Resolves when the SDK notes that the engine has ended. */
function engineEnded() {
    return new Promise((resolve) => {
        let terminated = false;
        Object.defineProperty(getStore(), "terminated", {
            get: () => terminated,
            set: (value) => {
                terminated = value;
                resolve();
            },
        });
    });
}

/** @returns a function that says whether the engine has answered all requests. */
function countRequests() {
    let pending = 0;
    for (const client of [settings.getMonitor(), settings.getEngine()]) {
        const methods = Object.entries(Object.getPrototypeOf(client)).filter(([, { path } = {}]) => path);
        for (const [name, method] of methods) {
            client[name] = (...words) => {
                const answer = words.pop();
                pending++;
                return method.call(client, ...words, (...answers) => {
                    pending--;
                    answer(...answers);
                });
            };
        }
    }
    return () => pending === 0;
}

/** Runs the program's hooks as a part of it: a server's calls belong to no program. */
function bindHooks() {
    const { _callbacks: hooks } = settings.getCallbacks();
    const { set } = hooks;
    hooks.set = (id, hook) => set.call(hooks, id, AsyncResource.bind(hook));
}

async function runProgram(request) {
    const main = join(request.getInfo().getProgramDirectory(), request.getInfo().getEntryPoint());
    const [engine = ""] = request.getArgsList();
    settings.resetOptions(
        request.getProject(),
        request.getStack(),
        request.getParallel(),
        engine,
        request.getMonitorAddress(),
        request.getDryrun(),
        request.getOrganization(),
    );
    setAllConfig(Object.fromEntries(request.getConfigMap().entries()), request.getConfigsecretkeysList());
    renewLog();
    bindHooks();
    const isQuiet = countRequests();
    const errors = new Set();
    const failed = new Promise((resolve) => {
        onError = AsyncResource.bind((error) => {
            if (!errors.has(error)) {
                errors.add(error);
                report(main, error);
            }
            resolve();
        });
    });
    const hasFailed = () => errors.size > 0 || getStore().terminated;
    try {
        const ended = runInPulumiStack(() => load(main)).then(() => settings.waitForRPCs());
        await Promise.race([ended.catch(onError), failed, engineEnded()]);
        // After a failure there may be outputs that never settle. A process of its own ends when nothing is left to do.
        do {
            await sleep(hasFailed() ? 50 : 0);
        } while (!isQuiet());
        if (!hasFailed()) {
            await settings.signalAndWaitForShutdown().catch(() => undefined);
        }
        settings.disconnectSync();
    } finally {
        onError = undefined;
    }
    const response = new RunResponse();
    const [leaks, message] = leakedPromises();
    if (errors.size > 0) {
        response.setBail(true);
    } else if (leaks.size > 0 && !getStore().terminated) {
        response.setError(message);
    }
    return response;
}

let last = Promise.resolve();

const server = new grpc.Server(settings.grpcChannelOptions);
server.addService(LanguageRuntimeService, {
    getRequiredPlugins: (_call, answer) => answer(null, new GetRequiredPluginsResponse()),
    getPluginInfo: (_call, answer) => {
        const info = new PluginInfo();
        info.setVersion("1.0.0");
        answer(null, info);
    },
    run: ({ request }, answer) => {
        last = last
            .then(() => withLocalStorage(() => runProgram(request)))
            .then(
                (response) => answer(null, response),
                (error) => answer({ code: grpc.status.UNKNOWN, details: String(error) }),
            );
    },
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
        throw error;
    }
    process.send(`127.0.0.1:${port}`);
});

// The environment for the next program, which a language host would have from the CLI.
process.on("message", (environment) => {
    Object.keys(process.env).forEach((name) => delete process.env[name]);
    Object.assign(process.env, environment);
    process.send("ready");
});
process.on("disconnect", () => process.exit());

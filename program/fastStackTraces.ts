import { Resource } from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";

// Pulumi takes a stack trace for every promise, and ts-node looks up each line of each of them in a source map: a
// quarter of the program's time. There is nothing to look up, since sucrase leaves every line where it is.
(Error as Partial<ErrorConstructor>).prepareStackTrace = undefined;

/** What the SDK doesn't declare: it gives a promise the trace that it prints if the promise never ends. */
interface Debuggable {
    debuggablePromise?: (...args: unknown[]) => unknown;
    readonly debugPromiseLeaks?: boolean;
}

// The traces themselves take a third of what is left. Only PULUMI_DEBUG_PROMISE_LEAKS makes Pulumi print them.
const promises = debuggable as Debuggable;
const { debuggablePromise } = promises;
if (debuggablePromise && !promises.debugPromiseLeaks) {
    promises.debuggablePromise = (...args) => {
        const limit = Error.stackTraceLimit;
        Error.stackTraceLimit = 0;
        try {
            return debuggablePromise(...args);
        } finally {
            Error.stackTraceLimit = limit;
        }
    };
}

/** What the SDK doesn't declare: the frames of a resource's trace, of which it writes all into the state. */
interface Traced {
    stackTrace?: (skipped: number) => ({ readonly uri: string } | undefined)[];
}

// Those of Node.js, ts-node and the SDK itself are the same for every resource: a sixth of the state, which the engine
// writes after each step.
const traced = Resource as unknown as Traced;
const { stackTrace } = traced;
if (stackTrace) {
    traced.stackTrace = (skipped) =>
        stackTrace(skipped + 1).filter(
            (frame, index) => index === 0 || (frame !== undefined && !frame.uri.includes("/node_modules/")),
        );
}

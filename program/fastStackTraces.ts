import { Resource } from "@pulumi/pulumi";

// Pulumi takes a stack trace for every promise, and ts-node looks up each line of each of them in a source map: a
// quarter of the program's time. There is nothing to look up, since sucrase leaves every line where it is.
(Error as Partial<ErrorConstructor>).prepareStackTrace = undefined;

/** A method that the SDK does not declare: the frames of a resource's stack trace, all of which come into the state. */
interface Traced {
    stackTrace?: (skipped: number) => ({ readonly uri: string } | undefined)[];
}

// Those of Node.js, ts-node and the SDK are the same for every resource, and part of what the engine writes after each
// step.
const traced = Resource as unknown as Traced;
const { stackTrace } = traced;
if (stackTrace) {
    traced.stackTrace = (skipped) =>
        stackTrace(skipped + 1).filter(
            (frame, index) => index === 0 || (frame !== undefined && !frame.uri.includes("/node_modules/")),
        );
}

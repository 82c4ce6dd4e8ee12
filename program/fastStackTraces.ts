import { Resource } from "@pulumi/pulumi";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Pulumi takes a stack trace for every promise, and ts-node looks up each line of each of them in a source map: a
// quarter of the program's time. There is nothing to look up, since sucrase leaves every line where it is.
(Error as Partial<ErrorConstructor>).prepareStackTrace = undefined;

/** A method that the SDK does not declare: the frames of a resource's stack trace, all of which come into the state. */
interface Traced {
    stackTrace?: (skipped: number) => ({ readonly uri: string } | undefined)[];
}

// Those of Node.js, ts-node, the SDK and the component are the same for every resource of a kind, and part of what the
// engine writes after each step. The first one, where the resource is made, and the program's own stay.
const left = ["/node_modules/", pathToFileURL(join(__dirname, "..", "components")).href];
const traced = Resource as unknown as Traced;
const { stackTrace } = traced;
if (stackTrace) {
    traced.stackTrace = (skipped) =>
        stackTrace(skipped + 1).filter(
            (frame, index) =>
                index === 0 || (frame !== undefined && !left.some((part) => frame.uri.includes(part))),
        );
}

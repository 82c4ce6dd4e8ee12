import { Resource } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { perProgram } from "../../components/engine/perProgram";
import "../../program/fastStackTraces";

describe("stack traces of resources in the state", () => {
    it("begin where the resource is made, and have no frames of packages, Node.js and the component", () => {
        const { stackTrace } = Resource as unknown as {
            stackTrace: (skipped: number) => ({ uri: string } | undefined)[];
        };
        // The SDK skips its own methods, and one constructor for each class of the resource.
        const make = () =>
            new (class {
                public readonly frames = stackTrace(2);
            })();
        // Called by the component.
        const { frames } = perProgram(make)();
        assert.match(frames[0]?.uri ?? "", /fastStackTraces\.spec\.ts$/);
        frames.forEach((frame) => assert.doesNotMatch(frame?.uri ?? "", /^$|node_modules|^node:|components/));
    });
});

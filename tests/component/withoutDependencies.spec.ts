import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { isSecret, output, secret } from "@pulumi/pulumi";
import type { Output } from "@pulumi/pulumi";
import { withoutDependencies } from "../../components/engine/withoutDependencies";
import { unknown, volumeType } from "../support/mocks/jenkins";
import { record, recordFailure } from "../support/mocks/mocks";

describe("withoutDependencies", () => {
    const volume = (name: string, tags?: Record<string, Output<string>>) =>
        new aws.ebs.Volume(name, { availabilityZone: "eu-west-1a", tags });
    const user = (value: Output<string>) => volume("user", { of: withoutDependencies(value) });

    it("keeps the value and drops the dependency", async () => {
        const { of } = await record(() => user(volume("other").id));
        const { inputs, dependencies } = of(volumeType)["user"]!;
        assert.deepEqual([inputs["tags"], dependencies], [{ of: "vol-other" }, []]);
    });

    it("is unknown when the value is", async () => {
        const { of } = await record(() => user(volume("other").id), {}, { preview: true });
        const { inputs, dependencies } = of(volumeType)["user"]!;
        assert.deepEqual([inputs["tags"], dependencies], [{ of: unknown }, []]);
    });

    it("is a secret when the value is", async () => {
        const { result } = await record(() => ({
            secrets: [secret("a"), output("a")].map((value) => isSecret(withoutDependencies(value))),
        }));
        assert.deepEqual(result?.secrets, [true, false]);
    });

    it("fails when the value does", async () => {
        let end: unknown;
        await recordFailure(() => {
            const value = withoutDependencies(output(Promise.reject<string>(new Error("no answer"))));
            isSecret(value).catch((error: unknown) => (end = error));
            return { value };
        });
        assert.match(String(end), /no answer/);
    });
});

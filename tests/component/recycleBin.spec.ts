import { runtime } from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { runInThisContext } from "node:vm";
import * as ts from "typescript";
import { fences } from "../support/pages/fences";

describe("the Recycle Bin's rules in docs/backups.md", () => {
    it("retain volumes and snapshots of one cluster", async () => {
        const made: { type: string; inputs: unknown }[] = [];
        await runtime.setMocks({
            newResource: ({ type, name, inputs }) => {
                made.push({ type, inputs });
                return { id: name, state: inputs as object };
            },
            call: ({ inputs }) => inputs as Record<string, unknown>,
        });
        const [program] = fences("docs/backups.md").filter(({ language }) => language === "typescript");
        const options = {
            compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
        };
        const { outputText } = ts.transpileModule(program!.text, options);
        const run = runInThisContext(`(require, exports) => {${outputText}\n}`) as (
            ...args: unknown[]
        ) => void;
        run(require, {});
        await new Promise((resolve) => setTimeout(resolve, 100));
        const rule = (resourceType: string, retentionPeriodValue: number) => ({
            type: "aws:rbin/rule:Rule",
            inputs: {
                resourceType,
                resourceTags: [
                    { resourceTagKey: "KubernetesCluster", resourceTagValue: "proyecto.k8s.local" },
                ],
                retentionPeriod: { retentionPeriodValue, retentionPeriodUnit: "DAYS" },
            },
        });
        assert.deepEqual(made, [rule("EBS_VOLUME", 7), rule("EBS_SNAPSHOT", 14)]);
    });
});

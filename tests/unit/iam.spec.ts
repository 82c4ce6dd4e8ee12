import assert from "node:assert/strict";
import { actionsOf, grants, policyOf } from "../../permissions/iamRights";
import { checksFor } from "../../sandbox/iam/checks";
import { isAllowed } from "../../sandbox/iam/evaluate";
import type { Policy } from "../../sandbox/iam/evaluate";

const names = { REGION: "eu-west-1", ACCOUNT: "123456789012", CLUSTER: "proyecto.k8s.local", KEY: "k" };
const allow = { Effect: "Allow", Action: ["ec2:Delete*"], Resource: ["arn:aws:ec2:*:*:volume/*"] } as const;
const check = { action: "ec2:DeleteVolume", resource: "arn:aws:ec2:eu-west-1:1:volume/vol-1", context: {} };

/** The evaluation that the sandbox holds requests to. */
describe("sandbox IAM", () => {
    const policies: [string, Policy["Statement"], boolean][] = [
        ["allows nothing by itself", [], false],
        ["allows what a statement does", [allow], true],
        ["compares actions whatever their case", [{ ...allow, Action: ["EC2:deletevolume"] }], true],
        ["compares the resource", [{ ...allow, Resource: ["arn:aws:ec2:*::snapshot/*"] }], false],
        ["takes a dot for a dot", [{ ...allow, Action: ["ec2.DeleteVolume"] }], false],
        ["lets a denial win", [allow, { ...allow, Effect: "Deny" }], false],
        [
            "asks for a key that isn't there",
            [{ ...allow, Condition: { StringEquals: { "aws:ResourceTag/a": "b" } } }],
            false,
        ],
    ];
    policies.forEach(([what, Statement, expected]) =>
        it(what, () => assert.equal(isAllowed({ Statement }, check), expected)),
    );

    it("compares condition keys", () => {
        const Condition = {
            StringEquals: { "aws:ResourceTag/a": "b" },
            Bool: { "kms:GrantIsForAWSResource": "true" },
        };
        const policy = { Statement: [{ ...allow, Condition }] };
        const context = { "aws:ResourceTag/a": "b", "kms:GrantIsForAWSResource": "TRUE" };
        assert.ok(isAllowed(policy, { ...check, context }));
        assert.ok(!isAllowed(policy, { ...check, context: { ...context, "aws:ResourceTag/a": "B" } }));
    });

    it("throws on unknown operators", () => {
        const policy = { Statement: [{ ...allow, Condition: { StringLike: { "aws:ResourceTag/a": "*" } } }] };
        assert.throws(() => isAllowed(policy, check), /has no operator StringLike/);
    });

    it("requires all resources for unknown actions", async () => {
        const checks = await checksFor(
            { region: "eu-west-1", action: "TerminateInstances", parameters: {} },
            () => Promise.resolve({}),
        );
        assert.deepEqual(checks, [{ action: "ec2:TerminateInstances", resource: "*", context: {} }]);
        assert.ok(!checks.some((one) => isAllowed(policyOf(grants, names), one)));
    });
});

describe("IAM policy", () => {
    it("replaces all placeholders, and fits into one managed policy", () => {
        const text = JSON.stringify(policyOf(grants, names));
        assert.doesNotMatch(text, /\b(REGION|ACCOUNT|CLUSTER|KEY)\b/);
        // IAM counts no white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        assert.ok(text.length < 6144, `${text.length} characters`);
    });

    it("has no wildcards for changes", () => {
        assert.deepEqual(
            actionsOf(grants).filter((action) => action.includes("*")),
            ["kms:ReEncrypt*"],
        );
        policyOf(grants).Statement.forEach(({ Sid, Action, Resource, Condition }) => {
            const looks = Action.every((action) => action.includes(":Describe"));
            assert.ok(looks || Condition !== undefined, Sid);
            assert.ok(looks || !Resource.includes("*") || Sid === "CreateBackupPolicies", Sid);
        });
    });
});

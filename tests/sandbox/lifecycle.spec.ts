import * as assert from "node:assert/strict";
import { awsRequest } from "../../sandbox/ec2/awsRequest";
import { ec2Client } from "../../sandbox/ec2/instances";
import { LifecycleManager } from "../../sandbox/ec2/lifecycle";
import { LifecyclePolicy } from "../../sandbox/providers/lifecyclePolicy";
import { ProviderTags } from "../../sandbox/providers/tags";
import { useEc2 } from "../support/cluster/ec2";

const settings = {
    description: "snapshots of data",
    executionRoleArn: "arn:aws:iam::123456789012:role/AWSDataLifecycleManagerDefaultRole",
    tags: { team: "a", site: "b" },
    policyDetails: {
        resourceTypes: ["VOLUME"],
        targetTags: { backup: "daily" },
        schedules: [
            {
                name: "snapshots",
                createRule: { interval: 24, intervalUnit: "HOURS", times: "03:00" },
                retainRule: { count: 7 },
                copyTags: true,
                tagsToAdd: { kind: "backup" },
            },
        ],
    },
};
const schedule = settings.policyDetails.schedules[0]!;

/** With the real AWS provider the ring `engine` has the same. */
describe("Data Lifecycle Manager in the sandbox", function () {
    this.timeout(60_000);

    const { client, servers } = useEc2();
    const manager = () => new LifecycleManager(client());
    const inRegion = (region: string) => ec2Client({ ...servers(), region });
    const resource = () => new LifecyclePolicy(inRegion, "eu-west-1", new ProviderTags());
    const changes = (inputs: object, state: object) =>
        resource()
            .changes({ inputs: { ...inputs }, state: { ...state }, oldInputs: {} })
            .map(({ path }) => path);

    it("stores a policy, and shows no change because of AWS' defaults", async () => {
        const { id, properties } = await resource().create(settings);
        assert.match(id, /^policy-[0-9a-f]{17}$/);
        const policy = await manager().get(id);
        assert.ok(policy);
        assert.equal(policy.PolicyArn, `arn:aws:dlm:eu-west-1:123456789012:policy/${id}`);
        assert.deepEqual(policy.PolicyDetails, {
            PolicyType: "EBS_SNAPSHOT_MANAGEMENT",
            PolicyLanguage: "STANDARD",
            ResourceLocations: ["CLOUD"],
            ResourceTypes: ["VOLUME"],
            TargetTags: [{ Key: "backup", Value: "daily" }],
            Schedules: [
                {
                    Name: "snapshots",
                    CreateRule: { Location: "CLOUD", Interval: 24, IntervalUnit: "HOURS", Times: ["03:00"] },
                    RetainRule: { Count: 7 },
                    CopyTags: true,
                    TagsToAdd: [{ Key: "kind", Value: "backup" }],
                },
            ],
        });
        assert.deepEqual(changes(settings, properties), []);
    });

    it("changes settings and tags, and shows changes made by others", async () => {
        const { id, properties } = await resource().create(settings);
        const other = {
            ...settings,
            tags: { team: "c" },
            policyDetails: {
                ...settings.policyDetails,
                schedules: [{ ...schedule, retainRule: { count: 14 } }],
            },
        };
        assert.deepEqual(changes(other, properties), [
            "policyDetails.schedules",
            "tags.site",
            "tags.team",
            "tagsAll.site",
            "tagsAll.team",
        ]);
        const updated = await resource().update(id, other, properties);
        assert.deepEqual(changes(other, updated), []);
        assert.deepEqual((await manager().get(id))?.Tags, { team: "c" });

        await manager().update(id, { State: "DISABLED" });
        const read = await resource().read(id, updated);
        assert.deepEqual(changes(other, read!.properties), ["state"]);
    });

    it("finds no deleted policy, and none of another region", async () => {
        const { id, properties } = await resource().create({ ...settings, region: "eu-west-1" });
        assert.equal(await resource().read(id, { region: "eu-central-1" }), undefined);
        await resource().delete(id, properties);
        assert.equal(await resource().read(id, properties), undefined);
        await assert.rejects(manager().update(id, { State: "DISABLED" }), new RegExp(`no policy ${id}`));
        await resource().delete(id, properties);
    });

    const refused: [string, object, RegExp][] = [
        ["without a role", { executionRoleArn: undefined }, /missing parameters: ExecutionRoleArn/],
        ["with a dot in its description", { description: "a.b" }, /Description must match/],
        ["in a state that there isn't", { state: "PAUSED" }, /State must match/],
    ];
    refused.forEach(([title, different, message]) =>
        it(`rejects a policy ${title}`, () =>
            assert.rejects(resource().create({ ...settings, ...different }), (error: Error) => {
                assert.match(error.message, /^creating DLM Lifecycle Policy: .* InvalidRequestException: /);
                assert.match(error.message, message);
                return true;
            })),
    );

    it("lists policies and their tags", async () => {
        const { id, properties } = await resource().create(settings);
        const get = async (path: string) =>
            (await awsRequest(client(), { service: "dlm", method: "GET", path })).json();
        const { Policies } = (await get("/policies")) as { Policies: { PolicyId: string; State: string }[] };
        assert.equal(Policies.find(({ PolicyId }) => PolicyId === id)?.State, "ENABLED");
        const arn = encodeURIComponent(String(properties["arn"]));
        assert.deepEqual(await get(`/tags/${arn}`), { Tags: settings.tags });
    });
});

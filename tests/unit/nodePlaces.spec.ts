import type { V1Node } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { actionsOf, grants } from "../../permissions/iamRights";
import { nodeActions } from "../../permissions/nodeRights";
import { podsIn } from "../../tools/inspect/pods";
import { judged } from "../../tools/nodes/lostNodes";
import { placesOf } from "../../tools/nodes/place";
import type { PlaceSources } from "../../tools/nodes/place";

const node = (name: string, ready: string, spec: V1Node["spec"] = {}): V1Node => ({
    metadata: { name, labels: { "topology.kubernetes.io/zone": "eu-west-1a" } },
    spec: { providerID: `aws:///eu-west-1a/i-0${name.length}`, ...spec },
    status: { conditions: [{ type: "Ready", status: ready }] },
});

const attachment = (name: string, attacher = "ebs.csi.aws.com", nodeName = "one") => ({
    metadata: { name },
    spec: { attacher, nodeName, source: { persistentVolumeName: name } },
});

const volume = (name: string, csi = true) => ({
    metadata: { name },
    spec: {
        claimRef: { namespace: "default", name: `claim-${name}` },
        ...(csi && { csi: { driver: "ebs.csi.aws.com", volumeHandle: `vol-${name}` } }),
    },
});

const pod = (name: string, claims: string[], phase = "Running", nodeName = "one") => ({
    metadata: { namespace: "default", name },
    spec: {
        containers: [],
        nodeName,
        volumes: claims.map((claim) => ({
            name: claim,
            persistentVolumeClaim: { claimName: `claim-${claim}` },
        })),
    },
    status: { phase },
});

const limit = (count?: number, name = "ebs.csi.aws.com") => ({
    metadata: { name: "one" },
    spec: { drivers: [{ name, nodeID: "i-1", ...(count !== undefined && { allocatable: { count } }) }] },
});

const sources = (given: Partial<PlaceSources>): PlaceSources => ({
    nodes: [node("one", "True")],
    csiNodes: [limit(25)],
    attachments: [],
    cluster: { persistentVolumes: [], pods: podsIn([]) },
    ...given,
});

const slots = (given: Partial<PlaceSources>) => placesOf(sources(given))[0]?.freeSlots;

describe("places", () => {
    it("have the node's zone, instance and readiness", () => {
        const nodes = [
            node("one", "True"),
            node("four", "Unknown"),
            node("cordoned", "True", { unschedulable: true }),
            node("fargate", "True", { providerID: "aws:///eu-west-1a/0a1b/fargate-ip-10-0-0-1.internal" }),
        ];
        const found = placesOf(sources({ nodes, csiNodes: [] }));
        assert.deepEqual(
            found.map(({ name, zone, isReady, instanceId }) => [name, zone, isReady, instanceId]),
            [
                ["one", "eu-west-1a", true, "i-03"],
                ["four", "eu-west-1a", false, "i-04"],
                ["cordoned", "eu-west-1a", false, "i-08"],
                ["fargate", "eu-west-1a", true, undefined],
            ],
        );
    });

    it("don't tell free slots if CSINode doesn't", () => {
        assert.equal(slots({ csiNodes: [] }), undefined);
        assert.equal(slots({ csiNodes: [limit(undefined)] }), undefined);
        assert.equal(slots({ csiNodes: [limit(8, "efs.csi.aws.com")] }), undefined);
    });

    it("count each volume of EBS once, attached or used by a pod", () => {
        const used: Partial<PlaceSources> = {
            attachments: [
                attachment("a"),
                attachment("b"),
                attachment("c", "efs.csi.aws.com"),
                attachment("d", "ebs.csi.aws.com", "two"),
            ],
            cluster: {
                persistentVolumes: [volume("a"), volume("e"), volume("f"), volume("g", false)],
                pods: podsIn([
                    pod("running", ["a", "e"]),
                    pod("same", ["e", "g"], "Pending"),
                    pod("ended", ["f"], "Succeeded"),
                    pod("elsewhere", ["f"], "Running", "two"),
                ]),
            },
        };
        assert.equal(slots(used), 22, "a, b and e");
        assert.equal(slots({ ...used, csiNodes: [limit(25, "ebs.csi.eks.amazonaws.com")] }), 22);
        assert.equal(slots({ ...used, csiNodes: [limit(2)] }), 0);
    });
});

describe("nodes that aren't ready", () => {
    const states = (state: string) => judged([node("one", "Unknown")], new Map([["i-03", state]]));

    ["stopping", "stopped", "shutting-down", "terminated"].forEach((state) =>
        it(`are lost if the instance is ${state}`, () => {
            assert.deepEqual(states(state), {
                lost: [{ name: "one", zone: "eu-west-1a", instanceId: "i-03", state }],
                unreachable: [],
            });
        }),
    );

    it("are lost if EC2 doesn't know the instance", () =>
        assert.equal(judged([node("one", "False")], new Map()).lost[0]?.state, "not found"));

    ["pending", "running"].forEach((state) =>
        it(`aren't lost if the instance is ${state}`, () => {
            const { lost, unreachable } = states(state);
            assert.deepEqual(lost, []);
            assert.equal(
                unreachable[0]?.message,
                `node one isn't ready, but its instance i-03 is ${state}: its pods may still write to their volumes, so Kubernetes isn't told that it is out of service. Repair the node, or stop the instance with aws ec2 stop-instances --force --instance-ids=i-03, and run the command again`,
            );
        }),
    );

    it("aren't lost if they have no EC2 instance", () => {
        const { lost, unreachable } = judged([node("one", "Unknown", { providerID: undefined })], new Map());
        assert.deepEqual(lost, []);
        assert.match(unreachable[0]?.message ?? "", /names no EC2 instance/);
    });

    it("are judged with no more rights in AWS than those of a preview", () => {
        const ofPreview = actionsOf(grants.filter(({ commands }) => commands.includes("preview")));
        assert.deepEqual(
            Object.keys(nodeActions).filter((action) => !ofPreview.includes(action)),
            [],
        );
    });
});

import type { V1NodeSelectorRequirement, V1NodeSelectorTerm } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { misfit } from "../../tools/nodes/fit";
import type { PodPlacement } from "../../tools/nodes/fit";
import { place } from "../support/fixtures/places";

const node = place("b", { name: "one", labels: { disk: "ssd", cores: "8", text: "x" } });

const requiring = (...nodeSelectorTerms: V1NodeSelectorTerm[]): PodPlacement => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});

describe("pods on nodes", () => {
    it("fit without requirements", () => assert.equal(misfit({}, node), undefined));

    it("don't fit if a label of nodeSelector differs", () => {
        assert.equal(misfit({ nodeSelector: { disk: "ssd" } }, node), undefined);
        assert.equal(
            misfit({ nodeSelector: { disk: "ssd", "topology.kubernetes.io/zone": "a" } }, node),
            "its label topology.kubernetes.io/zone isn't a, which the pod's nodeSelector requires",
        );
    });

    const operators: [Omit<V1NodeSelectorRequirement, "key">, string, boolean][] = [
        [{ operator: "In", values: ["hdd", "ssd"] }, "disk", true],
        [{ operator: "In", values: ["hdd"] }, "disk", false],
        [{ operator: "In", values: ["ssd"] }, "none", false],
        [{ operator: "NotIn", values: ["hdd"] }, "disk", true],
        [{ operator: "NotIn", values: ["ssd"] }, "disk", false],
        [{ operator: "NotIn", values: ["ssd"] }, "none", true],
        [{ operator: "Exists" }, "disk", true],
        [{ operator: "Exists" }, "none", false],
        [{ operator: "DoesNotExist" }, "disk", false],
        [{ operator: "DoesNotExist" }, "none", true],
        [{ operator: "Gt", values: ["7"] }, "cores", true],
        [{ operator: "Gt", values: ["8"] }, "cores", false],
        [{ operator: "Lt", values: ["10"] }, "cores", true],
        [{ operator: "Lt", values: ["8"] }, "cores", false],
        [{ operator: "Lt", values: ["10"] }, "text", false],
        [{ operator: "Gt", values: ["1"] }, "none", false],
        [{ operator: "Other" }, "disk", false],
    ];
    operators.forEach(([requirement, key, fits]) => {
        const { operator, values = [] } = requirement;
        it(`${fits ? "fit" : "don't fit"} by required affinity ${key} ${operator} ${values.join()}`, () => {
            const reason = misfit(requiring({ matchExpressions: [{ ...requirement, key }] }), node);
            assert.equal(reason === undefined, fits, reason);
        });
    });

    it("need all requirements of one term, and one of the terms", () => {
        const [yes, no] = [
            { key: "disk", operator: "Exists" },
            { key: "disk", operator: "DoesNotExist" },
        ];
        const fits = (...terms: V1NodeSelectorTerm[]) => misfit(requiring(...terms), node) === undefined;
        assert.equal(fits({ matchExpressions: [yes, no] }), false);
        assert.equal(fits({ matchExpressions: [no] }, { matchExpressions: [yes] }), true);
        assert.equal(fits({}), false, "a term without requirements matches nothing");
        assert.equal(fits(), false, "no term matches nothing");
    });

    it("are matched by the node's name in matchFields", () => {
        const named = (...values: string[]) =>
            misfit(requiring({ matchFields: [{ key: "metadata.name", operator: "In", values }] }), node);
        assert.equal(named("one"), undefined);
        assert.equal(named("two"), "it doesn't match the pod's required nodeAffinity");
    });

    it("don't fit if they don't tolerate a taint", () => {
        const tainted = (effect: string) => place("b", { taints: [{ key: "team", value: "x", effect }] });
        const reason = "the pod doesn't tolerate its taint team=x:";
        assert.equal(misfit({}, tainted("NoSchedule")), `${reason}NoSchedule`);
        assert.equal(misfit({}, tainted("NoExecute")), `${reason}NoExecute`);
        assert.equal(misfit({}, tainted("PreferNoSchedule")), undefined);
        const tolerated = [
            { operator: "Exists" },
            { key: "team", operator: "Exists" },
            { key: "team", value: "x" },
            { key: "team", operator: "Equal", value: "x", effect: "NoSchedule" },
        ];
        tolerated.forEach((one) =>
            assert.equal(misfit({ tolerations: [one] }, tainted("NoSchedule")), undefined),
        );
        const others = [
            { key: "team", value: "y" },
            { key: "team" },
            { key: "other", operator: "Exists" },
            { key: "team", operator: "Exists", effect: "NoExecute" },
            { key: "team", operator: "Gt", value: "1" },
        ];
        others.forEach((one) => assert.ok(misfit({ tolerations: [one] }, tainted("NoSchedule"))));
    });

    it("are judged without the taints that come and go with a node's readiness", () => {
        const taints = [
            { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
            { key: "node.kubernetes.io/unreachable", effect: "NoExecute" },
        ];
        assert.equal(misfit({}, place("b", { taints, isReady: false })), undefined);
        assert.match(misfit({}, place("b", { taints })) ?? "", /not-ready/);
    });
});

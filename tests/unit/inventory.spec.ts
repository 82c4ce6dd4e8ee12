import assert from "node:assert/strict";
import { findings } from "../../tools/doctor/findings";
import { clusterNamesOf } from "../../tools/inspect/clusterNames";
import type { NameSources } from "../../tools/inspect/clusterNames";
import { readState } from "../../tools/inspect/state";
import { component, inventoryWith } from "../support/fixtures/twoDisks";

describe("inventory", () => {
    const names: [string, NameSources, string[]][] = [
        ["the option", { given: ["a"], inState: [], inTags: [] }, ["a"]],
        ["the state", { given: [], inState: ["a", "a"], inTags: [] }, ["a"]],
        ["tags", { given: [], inState: [], inTags: ["a", "a"] }, ["a"]],
        ["nothing", { given: [], inState: [], inTags: [] }, []],
        ["tags that differ", { given: [], inState: [], inTags: ["a", "b"] }, []],
        ["the one of two clusters in the state", { given: [], inState: ["b", "a"], inTags: ["a"] }, ["a"]],
        ["no name that the cluster's volumes don't have", { given: ["a"], inState: [], inTags: ["b"] }, []],
    ];
    names.forEach(([what, sources, expected]) =>
        it(`takes the cluster's name from ${what}`, () => {
            assert.deepEqual(clusterNamesOf(sources), expected);
        }),
    );

    ["", "[]", "null", "5", "{}", "not JSON"].forEach((text) =>
        it(`rejects a text that is no state: ${JSON.stringify(text)}`, () => {
            assert.throws(() => readState(text, "--state a.json"), {
                message: '--state a.json must be the output of "pulumi stack export", got something else',
            });
        }),
    );

    it("reports an interrupted update with its operations", () => {
        const urn = `${component.replace(/::data$/, "")}$aws:ebs/volume:Volume::data-0`;
        const exported = { deployment: { pending_operations: [{ type: "creating", resource: { urn } }] } };
        const [finding] = findings(inventoryWith({ state: readState(JSON.stringify(exported), "it") }));
        assert.match(finding?.what ?? "", /was interrupted while creating data-0$/);
        assert.deepEqual(finding?.mend, ["npx zonal-persistent-storage recover"]);
    });

    it("reads the type of a volume that was made as a copy", () => {
        const type = "aws:ebs/volumeCopy:VolumeCopy";
        const urn = `${component}$${type}::data-0`;
        const copy = { urn, type, id: "vol-0", parent: component, outputs: { size: 10, volumeType: "io2" } };
        const { volumes } = readState(JSON.stringify({ deployment: { resources: [copy] } }), "it");
        assert.deepEqual(
            volumes.map(({ volumeId, sizeGiB, type: known }) => [volumeId, sizeGiB, known]),
            [["vol-0", 10, "io2"]],
        );
    });

    it("reads the state of a stack without resources", () => {
        const none = {
            storages: [],
            volumes: [],
            persistentVolumes: [],
            backupPolicies: [],
            claims: [],
            formerlyNamed: [],
            interrupted: [],
        };
        const empty = { stack: "", project: undefined, region: undefined, ...none };
        ["{}", "null"].forEach((deployment) =>
            assert.deepEqual(readState(`{"version":3,"deployment":${deployment}}`, "it"), empty),
        );
    });
});

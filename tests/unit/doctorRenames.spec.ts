import assert from "node:assert/strict";
import { findings } from "../../tools/doctor/findings";
import type { Inventory } from "../../tools/inspect/inventory";
import { readState } from "../../tools/inspect/state";
import { allInState, component, inventoryWith } from "../support/fixtures/twoDisks";

/** A state in which the storage is called `registry`, and these disks aren't yet. */
function halfRenamed(former: readonly string[], parent = `${component.replace(/::data$/, "")}::registry`) {
    const chain = component.replace(/::data$/, "");
    const disk = (type: string, name: string) => ({ type, parent, urn: `${chain}$${type}::${name}` });
    const resources = ["registry-0", "registry-1-moved-1", ...former].flatMap((name) => [
        { ...disk("aws:ebs/volume:Volume", name), id: `vol-${name}` },
        { ...disk("kubernetes:core/v1:PersistentVolume", name), id: name },
    ]);
    const ofUser = { ...disk("aws:ebs/volume:Volume", "registry-of-somebody"), id: "vol-9" };
    return readState(JSON.stringify({ deployment: { resources: [...resources, ofUser] } }), "it");
}

describe("doctor: incomplete renames", () => {
    const others = inventoryWith({ persistentVolumes: [], volumes: null, clusterNames: ["otro"] });
    const renames = (read: Inventory["state"]) =>
        findings({ ...others, state: read }).filter(({ what }) => what.startsWith("storage "));

    it("names disks with the former name, and the way out", () => {
        assert.deepEqual(renames(halfRenamed(["data-10", "data-2", "data-3-moved-1"])), [
            {
                what: "storage registry was renamed, but data-2, data-3-moved-1, data-10 in the state still have its former name, since an update has failed half way: a pulumi up that doesn't know that would make EMPTY volumes in place of theirs",
                mend: [
                    'keep or set aliases: [data] of storage registry (in a program the component\'s option aliases: [{ name: "data" }]), then',
                    "pulumi preview",
                    "it must show nothing but updates; then",
                    "pulumi up",
                ],
            },
        ]);
    });

    it("names every former name after two renames", () => {
        const [found] = renames(halfRenamed(["data-2", "cache-3"]));
        assert.match(found!.mend[0]!, /aliases: \[data, cache\] of storage registry/);
    });

    it("reports a former parent", () => {
        const [found] = renames(
            halfRenamed(
                [],
                "urn:pulumi:test::zonal-persistent-storage::a:b:Site$zonal-persistent-storage:index:ZonalPersistentStorage::registry",
            ),
        );
        assert.match(
            found!.what,
            /^storage registry has another parent now, but registry-0, registry-1-moved-1 in/,
        );
        assert.match(found!.mend[0]!, /aliases: \[\{ parent: <the former parent> \}\]/);
    });

    it("reports nothing after the rename is complete", () => {
        assert.deepEqual(renames(halfRenamed([])), []);
        assert.deepEqual(findings(inventoryWith({ state: allInState })), []);
    });

    it("recognizes a moved disk by its ordinal during a rename", () => {
        const kept = findings({ ...others, state: halfRenamed(["data-1"]) });
        assert.deepEqual(
            kept.filter(({ what }) => what.includes("vol-data-1 ")),
            [],
        );
    });
});

import assert from "node:assert/strict";
import { withoutForeignFields } from "../../tools/adopt/foreignFields";

describe("annotations and finalizers of a PersistentVolume that is adopted", () => {
    const annotations = { "f:team": {}, "f:kubectl.kubernetes.io/last-applied-configuration": {} };
    const fields = {
        "f:metadata": {
            "f:annotations": annotations,
            "f:finalizers": { ".": {} },
            "f:labels": { "f:a": {} },
        },
        "f:spec": { "f:csi": {} },
    };
    const entry = (manager: string, operation = "Update", fieldsV1: object = fields) => ({
        manager,
        operation,
        fieldsV1,
    });
    const lastApplied = { "f:kubectl.kubernetes.io/last-applied-configuration": {} };
    const without = {
        "f:metadata": { "f:labels": { "f:a": {} }, "f:annotations": lastApplied },
        "f:spec": { "f:csi": {} },
    };

    for (const [manager, operation] of [
        ["kubectl-create", "Update"],
        ["kubectl-client-side-apply", "Update"],
        ["kubectl", "Apply"],
        ["before-first-apply", "Update"],
        ["pulumi-kubernetes", "Update"],
    ] as const) {
        it(`are nobody's where ${manager} had them by ${operation}`, () => {
            const managedFields = [entry(manager, operation)];
            assert.deepEqual(withoutForeignFields({ managedFields }), [entry(manager, operation, without)]);
        });
    }

    it("stay whose they are where the provider doesn't take them over", () => {
        const managedFields = [entry("csi-provisioner"), entry("pulumi-kubernetes-1a2b", "Apply")];
        assert.deepEqual(withoutForeignFields({ managedFields }), managedFields);
    });

    it("change nothing where there are none", () => {
        const managedFields = [entry("kubectl-patch", "Update", { "f:spec": {} })];
        assert.deepEqual(withoutForeignFields({ managedFields }), managedFields);
        assert.deepEqual(withoutForeignFields({}), []);
    });
});

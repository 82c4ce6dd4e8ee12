import type { V1PersistentVolume } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { conflictManagers, isOwnConflict, orphanedManagers, sortPresent } from "../../tools/recover/objects";
import type { PlannedObject } from "../../tools/engine/preview";
import { readPreview } from "../../tools/engine/preview";
import { preview, pvUrn, volumeUrn } from "../support/fixtures/interruptedUpdate";

describe("existing objects", () => {
    const planned = (kind: string, different: Partial<PlannedObject> = {}): PlannedObject => ({
        urn: "urn:of-it",
        apiVersion: "v1",
        kind,
        name: "data-0",
        ...different,
    });
    const persistentVolume = (name: string, volumeHandle: string): V1PersistentVolume => ({
        metadata: { name },
        spec: { csi: { driver: "ebs.csi.aws.com", volumeHandle }, storageClassName: "data" },
    });
    const ours = {
        interrupted: new Set<string>(),
        volumeIds: new Set(["vol-1"]),
        persistentVolumeNames: new Set(["data-0"]),
        persistentVolumes: [persistentVolume("data-0", "vol-1")],
    };
    const pulumi = { managers: ["pulumi-kubernetes", "kube-controller-manager"] };
    const isTaken = (one: PlannedObject, live = pulumi, different: Partial<typeof ours> = {}) =>
        sortPresent([{ planned: one, live }], { ...ours, ...different }).takenOver.length === 1;

    it("belong to this stack when an interrupted update was creating them", () => {
        assert.ok(
            isTaken(planned("Secret"), { managers: ["kubectl"] }, { interrupted: new Set(["urn:of-it"]) }),
        );
    });

    it("belong to this stack when Pulumi created them for its volumes", () => {
        assert.ok(isTaken(planned("PersistentVolume")));
        const named = planned("PersistentVolume", { volumeId: "vol-1" });
        assert.ok(isTaken(named, pulumi, { volumeIds: new Set() }), "for a volume that the settings name");
        assert.ok(isTaken(planned("PersistentVolumeClaim", { persistentVolumeName: "data-0" })));
        assert.ok(isTaken(planned("StorageClass", { name: "data" })));
        assert.ok(!isTaken(planned("PersistentVolume"), { managers: ["kubectl"] }));
    });

    it("belong to others otherwise", () => {
        assert.ok(!isTaken(planned("PersistentVolume"), pulumi, { volumeIds: new Set() }));
        assert.ok(!isTaken(planned("PersistentVolumeClaim", { persistentVolumeName: "another" })));
        const persistentVolumes = [persistentVolume("another", "vol-2")];
        assert.ok(!isTaken(planned("StorageClass", { name: "data" }), pulumi, { persistentVolumes }));
        assert.ok(!isTaken(planned("Secret")));
    });

    it("lose fields to the update only when all other managers are Pulumi's", () => {
        const one = `Apply failed with 1 conflict: conflict with "pulumi-kubernetes-1a2b3c4d" using v1: .metadata.labels.x`;
        const two = `${one}\nconflict with "kubectl-edit" using v1: .metadata.labels.y`;
        assert.ok(isOwnConflict(one));
        assert.ok(!isOwnConflict(two));
        assert.deepEqual(conflictManagers(two), ["kubectl-edit", "pulumi-kubernetes-1a2b3c4d"]);
        assert.ok(!isOwnConflict("error: already exists"));
    });

    it("are released by managers of interrupted updates only", () => {
        const managers = ["pulumi-kubernetes", "pulumi-kubernetes-1a", "pulumi-kubernetes-2b", "kubectl"];
        assert.deepEqual(orphanedManagers({ managers }, "pulumi-kubernetes-2b"), ["pulumi-kubernetes-1a"]);
        assert.deepEqual(orphanedManagers({ managers }, undefined), []);
    });
});

describe("preview", () => {
    it("lists created resources without unknown values", () => {
        const object = (volumeHandle: string) => ({
            op: "create",
            urn: pvUrn(0),
            newState: {
                urn: pvUrn(0),
                type: "kubernetes:core/v1:PersistentVolume",
                inputs: {
                    apiVersion: "v1",
                    kind: "PersistentVolume",
                    metadata: { name: "data-0" },
                    spec: { csi: { volumeHandle } },
                },
            },
        });
        const replaced = { ...object("vol-1"), op: "replace" };
        assert.deepEqual(preview(replaced).objects, [], "it is there, and is replaced");
        const answer = { code: 0, stdout: JSON.stringify({ steps: [replaced] }), stderr: "" };
        assert.equal(readPreview(answer, new Set([pvUrn(0)])).objects[0]?.volumeId, "vol-1");
        const { changes, objects } = preview(object("vol-1"), { op: "same", urn: volumeUrn(0) });
        assert.deepEqual(changes, ["create PersistentVolume data-0"]);
        assert.equal(objects[0]?.volumeId, "vol-1");
        assert.equal(preview(object("04da6b54-80e4-46f7-96ec-b56ff0331ba9")).objects[0]?.volumeId, undefined);
    });

    it("reports the CLI's message when the output isn't JSON", () => {
        assert.equal(
            readPreview({ code: 1, stdout: "", stderr: "error: no stack selected\n" }).problem,
            "no stack selected",
        );
    });
});

import assert from "node:assert/strict";
import { releasedStorages } from "../../tools/release/releasedStorage";

const stack = "urn:pulumi:dev::shop::";
const component = "zonal-persistent-storage:index:ZonalPersistentStorage";
const storageUrn = (name: string) => `${stack}${component}::${name}`;
const child = (type: string, name: string, more: object = {}, storage = "data") => ({
    urn: `${stack}${component}$${type}::${name}`,
    type,
    id: name,
    parent: storageUrn(storage),
    ...more,
});
const volume = (name: string, id: string) => child("aws:ebs/volume:Volume", name, { id });
const persistentVolume = (name: string, id: string, volumeHandle: string) =>
    child("kubernetes:core/v1:PersistentVolume", name, { id, outputs: { spec: { csi: { volumeHandle } } } });
const root = { urn: `${stack}pulumi:pulumi:Stack::shop-dev`, type: "pulumi:pulumi:Stack" };
const storage = (name = "data") => ({ urn: storageUrn(name), type: component, parent: root.urn });

/** A storage with two disks, of which the second was moved. */
const resources = [
    root,
    storage(),
    child("kubernetes:storage.k8s.io/v1:StorageClass", "data"),
    volume("data-10", "vol-1"),
    volume("data-2", "vol-2"),
    volume("data-2-moved-1", "vol-3"),
    persistentVolume("data-10", "pvc-1", "vol-1"),
    persistentVolume("data-2", "pvc-2", "vol-3"),
];
const exported = (all: readonly object[], pending: readonly object[] = []) =>
    JSON.stringify({ version: 3, deployment: { resources: all, pending_operations: pending } });

describe("storages to release", () => {
    it("are listed with their disks by ordinal, the volumes that moves kept, and everything else", () => {
        // It was only read, and isn't the stack's.
        const read = child("kubernetes:core/v1:Namespace", "data-cluster", { external: true });
        const [found] = releasedStorages(exported([...resources, read]), ["data"]);
        assert.deepEqual(found?.disks, [
            { ordinal: 2, persistentVolume: "pvc-2", volumeId: "vol-3", kept: ["vol-2"] },
            { ordinal: 10, persistentVolume: "pvc-1", volumeId: "vol-1", kept: [] },
        ]);
        assert.deepEqual(found.others, ["StorageClass data"]);
    });

    it("leave the state with the storage last, and nothing of others", () => {
        const others = [storage("other"), child("aws:ebs/volume:Volume", "other-0", {}, "other")];
        const [found] = releasedStorages(exported([...resources, ...others]), ["data"]);
        assert.equal(found?.urns.length, resources.length - 1);
        assert.equal(found.urns.at(-1), storageUrn("data"));
    });

    it("are rejected when the stack has none of the name", () => {
        assert.throws(
            () => releasedStorages(exported(resources), ["other"]),
            /the stack has no storage "other": it has data$/,
        );
        assert.throws(() => releasedStorages(exported([root]), ["data"]), /it has none$/);
    });

    it("are rejected when an update was interrupted", () => {
        const pending = [{ type: "creating", resource: volume("data-3", "") }];
        assert.throws(() => releasedStorages(exported(resources, pending), ["data"]), /finish it first/);
    });

    it("are rejected when others depend on them, unless those are released, too", () => {
        const dependencies = [volume("data-2", "").urn];
        const dependent = [
            storage("wal"),
            child("aws:ebs/volume:Volume", "wal-2", { dependencies }, "wal"),
            child("kubernetes:core/v1:PersistentVolume", "wal-2", { dependencies }, "wal"),
        ];
        const all = exported([...resources, ...dependent]);
        assert.throws(
            () => releasedStorages(all, ["data"]),
            /other resources depend on data: wal-2; release/,
        );
        assert.equal(releasedStorages(all, ["data", "wal"]).length, 2);
    });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as library from "../../components";
import { readSurface } from "../../scripts/docs/surface";

const root = join(__dirname, "..", "..");

/** The public names: removing one, or changing its meaning, is a breaking change. */
describe("public surface", () => {
    it("exports these values", () => {
        assert.deepEqual(Object.keys(library).sort(), [
            "CsiDriver",
            "DeletionPolicy",
            "ManagedByCluster",
            "MoveFrom",
            "NodesPreset",
            "Placement",
            "PreviousVolume",
            "VolumeType",
            "ZonalPersistentStorage",
            "ZoneLabel",
        ]);
    });

    it("exports these types", () => {
        const types = readSurface().filter(({ kind }) => kind === "interface");
        assert.deepEqual(types.map(({ name }) => name).sort(), [
            "BackupArgs",
            "BackupCopyArgs",
            "ClaimsArgs",
            "DynamicStorageClassArgs",
            "MoveArgs",
            "NodesArgs",
            "NodesFilterArgs",
            "OverrideArgs",
            "PersistentVolumeArgs",
            "StorageClassArgs",
            "VolumeArgs",
            "VolumeCopyArgs",
            "VolumeRecord",
            "VolumeSettings",
            "VolumeSourceArgs",
            "ZonalPersistentStorageArgs",
        ]);
    });

    it("has these args and outputs", () => {
        const members = (name: string) =>
            readSurface()
                .find((one) => one.name === name)
                ?.members.map((member) => `${member.name}${member.required ? "" : "?"}`);
        assert.deepEqual(members("ZonalPersistentStorage"), [
            "zones",
            "storageClassName",
            "zoneByOrdinal",
            "volumes",
            "backupPolicyId",
        ]);
        assert.deepEqual(members("ZonalPersistentStorageArgs"), [
            "clusterName",
            ...["region?", "nodes?", "zones?", "placement?", "zoneByOrdinal?"],
            "count",
            "start?",
            "volume",
            ...["managedByCluster?", "overrides?", "deletionPolicy?", "protect?", "backup?"],
            ...["persistentVolume?", "storageClass?"],
            ...["claims?", "dynamicStorageClass?"],
        ]);
    });

    it("is independent of config and environment", () => {
        const script = `
            const reads = [];
            require("ts-node").register({ transpileOnly: true });
            require("@pulumi/aws"), require("@pulumi/kubernetes"), require("zod");
            const own = ({ stack }) => stack.split("\\n")[2].includes(process.cwd() + "/components/");
            process.env = new Proxy(process.env, {
                get: (env, key) => (own(new Error()) && reads.push(String(key)), env[key]),
            });
            const { Config } = require("@pulumi/pulumi");
            Config.prototype.get = (key) => reads.push(key);
            require("./components");
            console.log(JSON.stringify(reads));
        `;
        const printed = execFileSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
        assert.deepEqual(JSON.parse(printed), []);
    });
});

import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { claimFindings } from "../../tools/doctor/claimFindings";
import { podsIn } from "../../tools/inspect/pods";

const going = new Date("2026-11-21");

function persistentVolume(phase: string, different: { deletionTimestamp?: Date; annotations?: object } = {}) {
    return {
        metadata: { name: "web-4", ...different },
        spec: {
            capacity: { storage: "10Gi" },
            accessModes: ["ReadWriteOnce"],
            csi: { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" },
            claimRef: { namespace: "shop", name: "www-web-4", uid: "1" },
        },
        status: { phase },
    } as V1PersistentVolume;
}

function claim(phase: string, asks: object = {}, deletionTimestamp?: Date): V1PersistentVolumeClaim {
    return {
        metadata: { name: "www-web-4", namespace: "shop", deletionTimestamp },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } }, ...asks },
        status: { phase },
    };
}

function pod(name: string, ...ownerReferences: { kind: string; name: string }[]): V1Pod {
    return {
        metadata: { name, namespace: "shop", ownerReferences: ownerReferences as never },
        spec: {
            containers: [],
            volumes: [{ name: "www", persistentVolumeClaim: { claimName: "www-web-4" } }],
        },
    };
}

describe("doctor: claims", () => {
    it("reports nothing when disks are in use or wait for their claims", () => {
        const web = pod("web-4", { kind: "StatefulSet", name: "web" });
        const inUse = {
            persistentVolumes: [persistentVolume("Bound")],
            claims: [claim("Bound")],
            pods: podsIn([web]),
        };
        assert.deepEqual(claimFindings(inUse), []);
        assert.deepEqual(
            claimFindings({
                persistentVolumes: [persistentVolume("Available")],
                claims: [],
                pods: podsIn([]),
            }),
            [],
        );
    });

    it("reports the pods and claims that block a deletion, with commands", () => {
        const web = pod("web-4", { kind: "StatefulSet", name: "web" });
        assert.deepEqual(
            claimFindings({
                persistentVolumes: [persistentVolume("Bound", { deletionTimestamp: going })],
                claims: [claim("Bound")],
                pods: podsIn([web]),
            }),
            [
                {
                    what: "PersistentVolume web-4 is to be deleted, but claim shop/www-web-4 holds it, which pod shop/web-4 uses",
                    mend: [
                        "kubectl scale statefulset/web --namespace=shop --replicas=4",
                        "kubectl delete pvc/www-web-4 --namespace=shop",
                        "then run the same pulumi command again; if it was kubectl that deleted it, run pulumi refresh and pulumi up",
                    ],
                },
            ],
        );
    });

    it("reports the pod that blocks the deletion of a claim", () => {
        const [finding] = claimFindings({
            persistentVolumes: [persistentVolume("Bound")],
            claims: [claim("Bound", {}, going)],
            pods: podsIn([pod("mi-pod")]),
        });
        assert.deepEqual(finding?.mend, [
            "kubectl delete pod/mi-pod --namespace=shop",
            "then run the same pulumi command again; if it was kubectl that deleted it, run pulumi refresh and pulumi up",
        ]);
    });

    it("reports a Released PersistentVolume with the documented command", () => {
        const [finding] = claimFindings({
            persistentVolumes: [persistentVolume("Released")],
            claims: [],
            pods: podsIn([]),
        });
        assert.equal(
            finding?.what,
            "PersistentVolume web-4 is Released: its claim shop/www-web-4 was deleted, and a new one of that name would wait",
        );
        const page = readFileSync(join(__dirname, "..", "..", "docs", "claims.md"), "utf8");
        const [documented] = /kubectl patch pv\/.*/.exec(page) ?? [];
        assert.deepEqual(finding.mend, [documented?.replace("web-0", "web-4")]);
    });

    it("reports a Failed PersistentVolume with Kubernetes' reason, and has it retained", () => {
        const { spec, ...others } = persistentVolume("Failed");
        const failed = {
            ...others,
            spec: { ...spec, persistentVolumeReclaimPolicy: "Recycle" },
            status: { phase: "Failed", message: "No recycler plugin found for the volume!" },
        };
        assert.deepEqual(claimFindings({ persistentVolumes: [failed], claims: [], pods: podsIn([]) }), [
            {
                what: "PersistentVolume web-4 is Failed: its claim shop/www-web-4 was deleted, and Kubernetes could not do what reclaim policy Recycle says (No recycler plugin found for the volume!)",
                mend: [
                    `kubectl patch pv/web-4 --type=json --patch='[{"op":"test","path":"/status/phase","value":"Failed"},{"op":"replace","path":"/spec/persistentVolumeReclaimPolicy","value":"Retain"},{"op":"remove","path":"/spec/claimRef/uid"},{"op":"remove","path":"/spec/claimRef/resourceVersion"}]'`,
                ],
            },
        ]);
    });

    it("reports why a claim of the right name is Pending", () => {
        const asks = {
            resources: { requests: { storage: "1Ti" } },
            accessModes: ["ReadWriteMany"],
            volumeMode: "Block",
        };
        const [finding] = claimFindings({
            persistentVolumes: [persistentVolume("Available")],
            claims: [claim("Pending", asks)],
            pods: podsIn([]),
        });
        assert.equal(
            finding?.what,
            "claim shop/www-web-4 waits for PersistentVolume web-4, which is reserved for it, but it asks for 1Ti of 10Gi " +
                "and asks for ReadWriteMany and not ReadWriteOnce and asks for volume mode Block",
        );
    });

    it("ignores dynamically provisioned PersistentVolumes", () => {
        const annotations = { "pv.kubernetes.io/provisioned-by": "ebs.csi.aws.com" };
        const persistentVolumes = ["Released", "Failed"].map((phase) =>
            persistentVolume(phase, { annotations }),
        );
        assert.deepEqual(claimFindings({ persistentVolumes, claims: [], pods: podsIn([]) }), []);
    });
});

import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { DeletionPolicy } from "../../components";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { volumeTags } from "../../components/tags";
import { printable } from "../../components/problems";
import { findings } from "../../doctor/findings";
import type { Seen } from "../../doctor/seen";
import { sh } from "../../doctor/shell";
import { hostile } from "../support/hostile";

/** Runs a script of the shell in a folder of its own; returns what it printed, and the files that it left. */
function run(script: string): { printed: string; left: string[] } {
    const directory = mkdtempSync(join(tmpdir(), "shell-"));
    try {
        const { stdout } = spawnSync("sh", ["-c", script], { cwd: directory, encoding: "utf8" });
        return { printed: stdout, left: readdirSync(directory) };
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/** What a hostile account, cluster and state hold: every name and tag that can be `text` is. */
function held(text: string): Seen {
    const tags = (owner: string) =>
        Object.entries(volumeTags(text, owner)).map(([Key, Value]) => ({ Key, Value }));
    const volume = (VolumeId: string, owner: string): Volume => ({
        VolumeId,
        AvailabilityZone: "eu-west-1b",
        Size: 1,
        State: "available",
        CreateTime: new Date(0),
        Tags: tags(owner),
    });
    const metadata = { name: text, namespace: text };
    const persistentVolume = (volumeHandle: string, phase: string, deletionTimestamp?: Date) =>
        ({
            metadata: { name: text, deletionTimestamp },
            spec: {
                csi: { driver: "ebs.csi.aws.com", volumeHandle },
                persistentVolumeReclaimPolicy: "Delete",
                claimRef: { name: text, namespace: text },
                nodeAffinity: {
                    required: {
                        nodeSelectorTerms: [
                            {
                                matchExpressions: [
                                    {
                                        key: "topology.kubernetes.io/zone",
                                        operator: "In",
                                        values: ["eu-west-1a"],
                                    },
                                ],
                            },
                        ],
                    },
                },
            },
            status: { phase },
        }) as V1PersistentVolume;
    const claim = {
        metadata,
        spec: { accessModes: ["x"], resources: { requests: { storage: "9Ti" } } },
        status: { phase: "Pending" },
    } as V1PersistentVolumeClaim;
    const pods = [undefined, [{ kind: "StatefulSet", name: text }]].map((ownerReferences) => ({
        metadata: { name: `${text}-0`, namespace: text, ownerReferences },
        spec: { volumes: [{ persistentVolumeClaim: { claimName: text } }] },
    })) as unknown as V1Pod[];
    const storage = { name: text, urn: `urn:pulumi:${text}::p::t$u::${text}` };
    return {
        cluster: {
            context: text,
            persistentVolumes: [
                persistentVolume("vol-1", "Bound"),
                persistentVolume("vol-1", "Released"),
                persistentVolume("vol-2", "Bound", new Date()),
                persistentVolume("vol-9", "Available"),
            ],
            claims: [claim],
            pods,
            nodes: [],
        },
        ec2: {
            region: text,
            volumes: [
                { ...volume("vol-1", text), Tags: [] },
                volume("vol-3", text),
                volume("vol-4", `${text}-4`),
                volume("vol-5", "data-5"),
            ],
        },
        state: {
            stack: text,
            storages: [],
            volumes: [
                {
                    volumeId: "vol-8",
                    name: `${text}-8`,
                    storage,
                    clusterName: text,
                    isProtected: true,
                    deletionPolicy: DeletionPolicy.Retain,
                },
            ],
            persistentVolumes: [{ name: "data-7", volumeId: "vol-8", storage }],
            interrupted: [text],
        },
        clusterNames: [text],
    };
}

describe("names and tags of others", () => {
    it("stay one word in the shell", () => {
        const script = hostile.map((text) => sh`printf '%s\\0' ${text}`).join("\n");
        // A null character is the one that no word can have.
        const words = hostile.filter((text) => !text.includes("\0"));
        assert.equal(words.length, hostile.length);
        const { printed, left } = run(script);
        assert.deepEqual(printed.split("\0").slice(0, -1), hostile);
        assert.deepEqual(left, []);
    });

    it("stay words in the doctor's commands, and on one line of what it prints", () => {
        for (const text of hostile) {
            const found = findings(held(text));
            assert.ok(found.length >= 8, `${found.length} findings`);
            found.forEach(({ what, mend }) =>
                [what, ...mend].forEach((line) =>
                    assert.doesNotMatch(printable(line), /[\p{Cc}\p{Zl}\p{Zp}]/u),
                ),
            );
            const commands = found
                .flatMap(({ mend }) => mend)
                .filter((line) => /^(kubectl|aws|pulumi|npm) /.test(line))
                .filter((line) => !line.includes("if the stack is locked"));
            const counted = ["kubectl", "aws", "pulumi", "npm"].map((name) => `${name}() { echo "$#"; }`);
            const { printed, left } = run([...counted, ...commands].join("\n"));
            const harmless = findings(held("x"))
                .flatMap(({ mend }) => mend)
                .filter((line) => /^(kubectl|aws|pulumi|npm) /.test(line));
            assert.deepEqual(left, [], text);
            assert.ok(
                commands.length >= 8 && harmless.length >= commands.length,
                `${commands.length} commands`,
            );
            assert.match(printed, new RegExp(`^(\\d+\\n){${commands.length}}$`), text);
        }
    });

    it("are the doctor's word for a volume that was left only if the component could have given them", () => {
        const leftBehind = (text: string) =>
            findings(held(text)).flatMap(({ what }) => /^volume (\S+) .*was made for/.exec(what)?.[1] ?? []);
        assert.deepEqual(leftBehind("$(touch a)"), ["vol-5"]);
        assert.deepEqual(leftBehind("data"), ["vol-4", "vol-5"]);
    });
});

import type { V1PersistentVolume, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import type { Volume } from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { kinds, removalCommand } from "../../tools/acceptance/leftovers";
import { DeletionPolicy } from "../../components";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { volumeTags } from "../../components/plan/tags";
import { printable } from "../../components/validation/problems";
import { findings } from "../../tools/doctor/findings";
import type { Finding } from "../../tools/doctor/finding";
import type { Inventory } from "../../tools/inspect/inventory";
import { quoted, sh, shorthand } from "../../tools/terminal/shell";
import { podsIn } from "../../tools/inspect/pods";
import { hostileTexts } from "../support/fixtures/hostile";

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

/** A hostile account, cluster and state: every name and tag that can be `text` is. */
function held(text: string): Inventory {
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
            pods: podsIn(pods),
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
            storages: [
                {
                    ...storage,
                    zones: [],
                    disks: [{ ordinal: 6, volumeId: "vol-9", persistentVolumeName: text }],
                    overrides: {},
                },
            ],
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
            persistentVolumes: [{ name: "data-7", volumeId: "vol-8", storage, isUpdated: true }],
            claims: [],
            formerlyNamed: [{ name: `${text}-9`, storage }],
            interrupted: [text],
        },
        clusterNames: [text],
    };
}

/** Commands among what the doctor says. */
function commandsOf(found: readonly Finding[]): string[] {
    return found
        .flatMap(({ mend }) => mend)
        .filter((line) => /^(kubectl|aws|pulumi|npm) /.test(line))
        .filter((line) => !line.includes("if the stack is locked"));
}

/** Commands that the doctor and the acceptance check print where everything is called so. */
function allCommands(text: string): string[] {
    const removals = kinds.map((kind) => {
        // Ids are EC2's own.
        const name = kind === "volume" ? "vol-1" : kind === "snapshot" ? "snap-1" : text;
        return removalCommand({ kind, name, run: text }, text, text);
    });
    return [...commandsOf(findings(held(text))), ...removals];
}

/** The words of each command as a shell hands them to the program, and the files that this left. */
function wordsOf(commands: readonly string[]): { words: string[][]; left: string[] } {
    const programs = ["kubectl", "aws", "pulumi", "npm"];
    const shown = programs.map((name) => `${name}() { printf '%s\\0' ${name} "$@"; printf '\\1'; }`);
    const { printed, left } = run([...shown, ...commands].join("\n"));
    const words = printed
        .split("\u0001")
        .slice(0, -1)
        .map((one) => one.split("\0").slice(0, -1));
    return { words, left };
}

/** Names of the options among words, as kubectl, the AWS CLI and Pulumi take them. */
function optionsOf(words: readonly string[]): string[] {
    const end = words.indexOf("--");
    return words
        .slice(0, end === -1 ? undefined : end)
        .filter((word) => word.startsWith("-"))
        .map((word) => word.split("=")[0] ?? "");
}

describe("untrusted names and tags", () => {
    it("stay one word in the shell", () => {
        const script = hostileTexts.map((text) => `printf '%s\\0' ${quoted(text)}`).join("\n");
        // A null character is the one that no word can have.
        const words = hostileTexts.filter((text) => !text.includes("\0"));
        assert.equal(words.length, hostileTexts.length);
        const { printed, left } = run(script);
        assert.deepEqual(printed.split("\0").slice(0, -1), hostileTexts);
        assert.deepEqual(left, []);
    });

    it("stay one word in the doctor's commands, and on one line of its output", () => {
        for (const text of hostileTexts) {
            const found = findings(held(text));
            assert.ok(found.length >= 8, `${found.length} findings`);
            found.forEach(({ what, mend }) =>
                [what, ...mend].forEach((line) =>
                    assert.doesNotMatch(printable(line), /[\p{Cc}\p{Zl}\p{Zp}]/u),
                ),
            );
            const commands = commandsOf(found);
            const { words, left } = wordsOf(commands);
            assert.deepEqual(left, [], text);
            assert.ok(commands.length >= 8, `${commands.length} commands`);
            assert.equal(words.length, commands.length, text);
        }
    });

    it("are never options or file names in commands of the doctor and the acceptance check", () => {
        const known = new Set(wordsOf(allCommands("x")).words.flatMap(optionsOf));
        assert.deepEqual([...known].sort(), [
            "--context",
            "--filters",
            "--generate-code",
            "--namespace",
            "--owner-ids",
            "--parent",
            "--patch",
            "--protect",
            "--region",
            "--replicas",
            "--resources",
            "--snapshot-id",
            "--tags",
            "--type",
            "--volume-id",
        ]);
        for (const text of hostileTexts) {
            const { words } = wordsOf(allCommands(text));
            assert.deepEqual(
                words.flatMap(optionsOf).filter((option) => !known.has(option)),
                [],
                text,
            );
            assert.deepEqual(
                words
                    .filter(([name]) => name === "aws")
                    .flat()
                    .filter((word) => /^(--(?!region)[\w-]+=)?fileb?:/.test(word)),
                [],
                text,
            );
        }
    });

    it("are rejected at the beginning of a word", () => {
        assert.throws(() => sh`kubectl delete pv ${"--all"}`, /must not begin a word before "--"/);
        assert.throws(() => sh`${"kubectl"}`, /must not begin a word before "--"/);
        assert.equal(sh`kubectl delete -- pv ${"--all"}`, "kubectl delete -- pv --all");
        assert.equal(sh`kubectl delete pv/${"--all"}`, "kubectl delete pv/--all");
    });

    it("stay one value in the AWS CLI's shorthand syntax", () => {
        assert.equal(shorthand("proyecto.k8s.local"), "proyecto.k8s.local");
        assert.equal(shorthand("a,Value@=file:///b"), '"a,Value@=file:///b"');
        assert.equal(shorthand('a"\\'), '"a\\"\\\\"');
        assert.equal(shorthand(""), '""');
    });

    it("identify leftover volumes only in the component's form", () => {
        const leftBehind = (text: string) =>
            findings(held(text)).flatMap(({ what }) => /^volume (\S+) .*was made for/.exec(what)?.[1] ?? []);
        assert.deepEqual(leftBehind("$(touch a)"), ["vol-5"]);
        assert.deepEqual(leftBehind("data"), ["vol-4", "vol-5"]);
    });
});

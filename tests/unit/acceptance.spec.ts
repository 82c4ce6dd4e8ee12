import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { announcement } from "../../tools/acceptance/announcement";
import { helpText, readArguments, usage } from "../../tools/acceptance/arguments";
import type { Options } from "../../tools/acceptance/arguments";
import { changesIn } from "../../tools/acceptance/check";
import { isSimulated } from "../../tools/acceptance/cluster";
import { maxCost, maxSnapshots, maxVolumes } from "../../tools/acceptance/cost";
import { inOrder, removalCommand } from "../../tools/acceptance/leftovers";
import type { Kind } from "../../tools/acceptance/leftovers";
import { errorIn } from "../../tools/acceptance/pulumi";
import { acceptanceGrants, acceptanceKinds } from "../../tools/acceptance/rights";
import { isPassed, reportTable, wrapped } from "../../tools/acceptance/report";
import type { Row } from "../../tools/acceptance/report";
import { isRunId, nameOf, newRunId, runKey, runOfName } from "../../tools/acceptance/runIds";
import { stackConfig } from "../../tools/acceptance/settings";
import type { Progress } from "../../tools/acceptance/settings";
import type { ZonalPersistentStorageArgs } from "../../components";
import { isReservedTag } from "../../components/plan/tags";
import { readStorages } from "../../program/config";
import { actionsOf } from "../../permissions/iamRights";
import { rightsOf } from "../../permissions/rbacRights";
import { configAsText } from "../../sandbox/engine/program";
import { project } from "../support/cluster/sandbox";

const where = ["--account", "123456789012", "--region", "eu-west-1", "--cluster", "proyecto.k8s.local"];
const run = "20261124-0a1b2c";

/** Mistakes in a command line, line by line, without the usage. */
function problems(args: readonly string[], canAsk = true): string[] {
    try {
        readArguments(args, canAsk);
        return [];
    } catch (error) {
        const lines = (error as Error).message.split("\n");
        assert.equal(lines.at(-1), `usage: ${usage}`);
        return lines.slice(0, -1);
    }
}

describe("acceptance arguments", () => {
    it("are read, with defaults", () => {
        const { image, ...options } = readArguments(
            [...where, "--nodes", "{preset: eks, groups: [a]}"],
            true,
        );
        assert.deepEqual(options, {
            account: "123456789012",
            region: "eu-west-1",
            cluster: "proyecto.k8s.local",
            nodes: { preset: "eks", groups: ["a"] },
            clean: false,
            yes: false,
            json: false,
        });
        assert.match(image, /@sha256:[0-9a-f]{64}$/);
        assert.deepEqual(problems([...where, "--clean", "--yes", "--json"], false), []);
    });

    it("are all in the help", () => {
        const inHelp = [...helpText().matchAll(/^ {2}(--\w+)/gm)].map(([, name]) => name);
        assert.deepEqual(inHelp.sort(), [...(usage.match(/--\w+/g) ?? []), "--help"].sort());
    });

    it("reports all mistakes at once", () => {
        assert.deepEqual(
            problems(
                ["now", "--account", "12", "--region", "mars", "--nodes", "{preset: gke}", "--force"],
                false,
            ),
            [
                'arguments must be options, got "now"',
                '--force is not an option: known are --account, --region, --cluster, --nodes, --image, --clean, --yes, --json, got ""',
                "--yes is required and must be given without a terminal for the question",
                '--account must be the twelve digits of an AWS account, got "12"',
                "--cluster is required and must be the cluster's name, as in its tags",
                '--region must be the name of a region such as eu-west-1, got "mars"',
                '--nodes.preset must be one of kops, eks, karpenter, eksAutoMode, got "gke"',
            ],
        );
    });

    it("rejects missing, empty and superfluous arguments", () => {
        assert.deepEqual(problems([]), [
            "--account is required and must be the twelve digits of an AWS account",
            "--cluster is required and must be the cluster's name, as in its tags",
            "--region is required and must be a region of AWS, such as eu-west-1",
        ]);
        assert.deepEqual(problems([...where, "--clean=all", "--image="]), [
            '--image must have a value, got ""',
            '--clean must have no value, got "all"',
        ]);
        assert.deepEqual(problems([...where, "--clean", "--image", "busybox"]), [
            '--image can\'t be combined with --clean, got "busybox"',
        ]);
        assert.match(problems([...where, "--nodes", "}"]).join("\n"), /^--nodes must be /);
    });
});

describe("acceptance settings", () => {
    const options: Options = readArguments(where, true);
    const whole: Progress = { grown: true, gp3: true, claimed: true, moved: { zone: "eu-west-1c" } };
    const storages = (progress: Progress, different: Partial<Options> = {}) =>
        readStorages(
            "zonal-persistent-storage",
            configAsText(stackConfig({ ...options, ...different }, run, "context", progress)),
        );

    it("are valid config at every step", () => {
        assert.equal(storages({}).length, 1);
        assert.equal(storages(whole).length, 3);
        assert.equal(storages({ ...whole, moved: {} }).length, 3);
        const [auto] = storages({}, { nodes: { preset: "eksAutoMode" } });
        assert.equal(auto?.args.persistentVolume?.csiDriver, "ebs.csi.eks.amazonaws.com");
    });

    it("put the run's tag and label on every resource", () => {
        assert.equal(isReservedTag(runKey), false);
        storages(whole).forEach(({ args }) => {
            assert.deepEqual(args.volume.tags, { [runKey]: run });
            assert.deepEqual(args.persistentVolume?.labels, { [runKey]: run });
        });
    });

    it("stay within the announced amounts, and cost less than a dollar", () => {
        const sizes = storages(whole).flatMap(({ args }) => sizesOf(args));
        assert.deepEqual(maxVolumes, { count: sizes.length, gib: sizes.reduce((a, b) => a + b) });
        const { ofRun, ofMonthLeft } = maxCost();
        assert.ok(ofRun > 0 && ofRun < 1 && ofRun < ofMonthLeft);
        const text = announcement(options, run, "prod").join("\n");
        [
            options.account,
            options.region,
            "context prod",
            `${runKey}=${run}`,
            `${maxVolumes.gib} GiB`,
            `${maxSnapshots.count} snapshots`,
            `${ofRun.toFixed(2)} USD`,
            `${ofMonthLeft.toFixed(2)} USD a month`,
            "aws.amazon.com/ebs/pricing/",
        ].forEach((part) => assert.ok(text.includes(part), part));
    });

    it("modify no volume twice", () => {
        const [three] = storages(whole);
        assert.deepEqual(three?.args.overrides, { "0": { sizeGiB: 2 }, "1": { type: "gp3" } });
    });
});

/** Sizes of all volumes of a storage, those among them that a move keeps. */
function sizesOf({ count, volume, overrides = {} }: ZonalPersistentStorageArgs): number[] {
    return Array.from({ length: count }, (_, ordinal) => overrides[ordinal]).flatMap((override) => {
        const size = Number(override?.sizeGiB ?? volume.sizeGiB);
        return Array.from({ length: 1 + (override?.moves?.length ?? 0) }, () => size);
    });
}

describe("acceptance clean-up", () => {
    it("recognizes runs by their ids only", () => {
        const id = newRunId(new Date("2026-11-24T23:59:59Z"));
        assert.match(id, /^20261124-[0-9a-f]{6}$/);
        assert.equal(isRunId(id), true);
        [undefined, "", "true", "20261124", `${id}0`, `x${id}`].forEach((other) =>
            assert.equal(isRunId(other), false, other),
        );
        assert.deepEqual(
            [nameOf(id), nameOf(id, "last"), "acceptance-tests", `my-${nameOf(id)}`].map(runOfName),
            [id, id, undefined, undefined],
        );
    });

    it("removes namespaces before PersistentVolumes, and those before volumes", () => {
        const found = (
            ["snapshot", "volume", "StorageClass", "volume", "namespace", "PersistentVolume"] as const
        ).map((kind, index) => ({ kind, name: String(index), run }));
        assert.deepEqual(
            inOrder(found).map((ofKind) => ofKind.map(({ name }) => name)),
            [["4"], ["5"], ["2"], ["1", "3"], ["0"]],
        );
    });

    it("prints commands for leftovers that it could not remove", () => {
        const command = (kind: Kind, name: string) => removalCommand({ kind, name, run }, "eu-west-1", "a b");
        assert.equal(
            command("volume", "vol-1"),
            "aws ec2 delete-volume --volume-id=vol-1 --region=eu-west-1",
        );
        assert.equal(
            command("snapshot", "snap-1"),
            "aws ec2 delete-snapshot --snapshot-id=snap-1 --region=eu-west-1",
        );
        assert.equal(command("PersistentVolume", "pv"), "kubectl --context='a b' delete persistentvolume/pv");
        assert.equal(command("namespace", "ns"), "kubectl --context='a b' delete namespace/ns");
    });
});

describe("acceptance report", () => {
    const row = (result: Row["result"], seen = "as it was"): Row => ({
        step: "grow",
        expected: "2 GiB",
        seen,
        seconds: 1.25,
        result,
    });

    it("passes when everything observed is as expected", () => {
        assert.equal(isPassed([row("as expected"), row("in part")]), true);
        assert.equal(isPassed([row("as expected"), row("not run")]), false);
        assert.equal(isPassed([row("NOT AS EXPECTED"), row("as expected")]), false);
    });

    it("wraps sentences in its table, and escapes control characters", () => {
        const seen = `1 GiB ${"and so on ".repeat(6)}\u001b[2J`;
        assert.equal(
            reportTable([row("NOT AS EXPECTED", seen), row("not run", "interrupted")]),
            [
                "STEP   EXPECTED   SEEN                                         SECONDS   RESULT",
                "grow   2 GiB      1 GiB and so on and so on and so on and so   1.3       NOT AS EXPECTED",
                "                  on and so on and so on \\u001b[2J",
                "grow   2 GiB      interrupted                                            not run",
            ].join("\n"),
        );
        assert.deepEqual(wrapped("a-word-longer-than-that b", 4), ["a-word-longer-than-that", "b"]);
    });

    it("extracts the error from Pulumi's output, and the changes from a preview", () => {
        const text = `Diagnostics:
  pulumi:pulumi:Stack (s):
    error: preview failed
  aws:ebs:Volume (a-0):
    error: Preview failed: before hook "zonal-persistent-storage:refuse-shrink" failed: size can't shrink`;
        assert.equal(errorIn(text), "size can't shrink");
        assert.equal(errorIn("error:\nupdate failed\nerror: \n  out of luck"), "out of luck");
        const steps = [
            { op: "same", urn: "urn:pulumi:s::p::t::a-0" },
            { op: "update", urn: "urn:pulumi:s::p::t::a-1" },
        ];
        assert.deepEqual(changesIn(`warning: old\n${JSON.stringify({ steps })}`), ["update a-1"]);
        assert.deepEqual(changesIn("{}"), []);
    });

    it("recognizes simulated nodes", () => {
        const node = (containerRuntimeVersion?: string) => ({
            status: {
                nodeInfo: containerRuntimeVersion === undefined ? undefined : { containerRuntimeVersion },
            },
        });
        const simulated = [
            node("containerd://2.1.1"),
            node("cri-o://1.33"),
            node("kwok-v0.7.0"),
            node(""),
            node(),
        ];
        assert.deepEqual(
            simulated.map((one) => isSimulated(one as Parameters<typeof isSimulated>[0])),
            [false, false, true, true, true],
        );
    });
});

describe("docs/acceptance.md", () => {
    const page = readFileSync(join(project, "docs", "acceptance.md"), "utf8");
    /** Rows below a heading, by their cells. */
    const rows = (section: string) =>
        [
            ...(page.split(`## ${section}\n`)[1] ?? "")
                .split("\n## ")[0]!
                .matchAll(/^\| `(.+)` \| (.+) \|$/gm),
        ].map(([, first = "", second = ""]) => [first, second] as const);

    it("lists the rights that the tests use", () => {
        const listed = rows("Rights").flatMap(([name, second]) =>
            name.startsWith("ec2:")
                ? [name]
                : [...second.matchAll(/`(\w+)`/g)].map(([, verb]) => `${verb} ${name}`),
        );
        assert.deepEqual(
            listed.sort(),
            [...actionsOf(acceptanceGrants), ...rightsOf(acceptanceKinds)].sort(),
        );
    });

    it("lists every option and the announced figures", () => {
        const options = [...usage.matchAll(/--[a-z]+/g)].map(([option]) => option);
        options.forEach((option) => assert.match(page, new RegExp(`^\\| .*\`${option}[ \`]`, "m"), option));
        const { count, gib } = maxVolumes;
        [
            `${count} volumes with ${gib} GiB`,
            `${maxSnapshots.count} snapshots`,
            maxCost().ofRun.toFixed(2),
            runKey,
        ].forEach((figure) => assert.ok(page.includes(figure), figure));
    });

    it("tells which parts have run on a real account, like the README", () => {
        const readme = readFileSync(join(project, "README.md"), "utf8");
        assert.match(page, /What has been run on a real account so far: nothing\./);
        assert.match(readme, /So far nothing of this project has been run on a real AWS account/);
    });
});

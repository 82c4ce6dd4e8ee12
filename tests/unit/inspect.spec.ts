import { ApiException } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { messageOf } from "../../tools/inspect/errors";
import { fewAtOnce } from "../../tools/inspect/fewAtOnce";
import { readKubeConfig } from "../../tools/inspect/kubeConfig";
import { inRegion } from "../../tools/inspect/regions";
import { notLookedAt } from "../../tools/inspect/sources";
import { readState } from "../../tools/inspect/state";

describe("an error of the API server", () => {
    const message = (body: unknown) => messageOf(new ApiException(403, "", body, {}));

    it("is told in its own words", () => {
        const words = 'pods is forbidden: User "a" cannot list resource "pods"';
        assert.equal(message(JSON.stringify({ message: words })), `it answers 403: ${words}`);
        assert.equal(message(JSON.stringify({ message: "a\u001b[2J\nb" })), "it answers 403: a\\u001b[2J");
    });

    it("is its status code where it says nothing", () =>
        ["", "<html>", "null", "{}"].forEach((body) => assert.equal(message(body), "it answers 403")));
});

describe("work for many", () => {
    const numbers = Array.from({ length: 40 }, (_, index) => index);

    it("is done a few at a time, and its results are in order", async () => {
        let [running, most] = [0, 0];
        const results = await fewAtOnce(numbers, async (number) => {
            most = Math.max(most, ++running);
            // The first ones take longest.
            for (let turns = 40 - number; turns > 0; turns--) {
                await turn();
            }
            running--;
            return number;
        });
        assert.deepEqual(results, numbers);
        assert.equal(most, 5);
    });

    it("ends at the first failure", async () => {
        const begun: number[] = [];
        const work = async (number: number) => {
            begun.push(number);
            await turn();
            assert.notEqual(number, 3, "refused");
        };
        await assert.rejects(fewAtOnce(numbers, work), /refused/);
        await turn();
        assert.ok(begun.length < 12, begun.join());
    });
});

describe("the kubeconfig", () => {
    let directory: string;
    before(() => (directory = mkdtempSync(join(tmpdir(), "kubeconfig-"))));
    after(() => rmSync(directory, { recursive: true, force: true }));

    const file = (name: string, current?: string) => {
        const path = join(directory, name);
        const config = {
            clusters: [{ name, cluster: { server: `https://${name}` } }],
            users: [{ name, user: {} }],
            contexts: [{ name, context: { cluster: name, user: name } }],
            "current-context": current,
        };
        writeFileSync(path, JSON.stringify(config));
        return path;
    };
    const server = (files: readonly string[], context?: string) =>
        readKubeConfig({ KUBECONFIG: files.join(delimiter) }, context).getCurrentCluster()?.server;

    it("is the current context's, or another one's", () => {
        const files = [file("a", "a"), file("b", "b"), join(directory, "none")];
        assert.deepEqual([server(files), server(files, "b")], ["https://a", "https://b"]);
    });

    it("is the first current context's when a file has none", () =>
        assert.equal(server([file("c"), file("d", "d")]), "https://d"));

    it("without a current context is an error with the contexts", () =>
        assert.throws(
            () => server([file("e")]),
            /has no current context: give --context, one of its contexts \(e\)$/,
        ));

    it("with an unknown context is an error with the contexts", () =>
        assert.throws(
            () => server([file("f", "f")], "\u001b"),
            /^Error: --context must be a context of the kubeconfig \S+ \(f\), got "\\u001b"$/,
        ));
});

describe("a stack in several regions", () => {
    const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
    const component = "zonal-persistent-storage:index:ZonalPersistentStorage";
    const disk = (storage: string, id: string, region: string) => [
        {
            urn: urn(component, storage),
            type: component,
            outputs: { volumes: [{ ordinal: 0, volumeId: id }] },
        },
        {
            urn: urn("aws:ebs/volume:Volume", `${storage}-0`),
            type: "aws:ebs/volume:Volume",
            id,
            parent: urn(component, storage),
            outputs: { region },
        },
        {
            urn: urn("kubernetes:core/v1:PersistentVolume", `${storage}-0`),
            type: "kubernetes:core/v1:PersistentVolume",
            outputs: { spec: { csi: { volumeHandle: id } } },
        },
    ];
    const resources = [...disk("near", "vol-1", "eu-west-1"), ...disk("far", "vol-2", "us-east-1")];
    const all = readState(JSON.stringify({ deployment: { resources } }), "it");

    it("is looked at in one of them, and the others are named", () => {
        const { state, elsewhere } = inRegion(all, "eu-west-1");
        assert.deepEqual(
            [state.storages, state.volumes, state.persistentVolumes].map((list) =>
                list.map(({ name }) => name),
            ),
            [["near"], ["near-0"], [""]],
        );
        assert.deepEqual(elsewhere, ["us-east-1"]);
        assert.deepEqual(notLookedAt({ state: true, ec2: false }, elsewhere), [
            "EC2",
            "volumes in us-east-1",
        ]);
    });

    it("is all looked at when the regions aren't known", () => {
        const old = JSON.parse(JSON.stringify(all).replace(/"region":"[^"]+",?/g, "")) as typeof all;
        assert.deepEqual(inRegion(old, "eu-west-1"), { state: old, elsewhere: [] });
    });
});

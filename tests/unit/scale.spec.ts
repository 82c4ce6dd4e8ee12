import assert from "node:assert/strict";
import { KubeConfig } from "@kubernetes/client-node";
import { findings } from "../../tools/doctor/findings";
import { keptVolumeNotes } from "../../tools/doctor/keptVolumes";
import { environmentClients } from "../../tools/inspect/clients";
import { readCluster } from "../../tools/inspect/cluster";
import type { Inventory } from "../../tools/inspect/inventory";
import { buildMap } from "../../tools/map/build";
import { evacuation } from "../../tools/moves/goal";
import { movesFor } from "../../tools/moves/plan";
import { mapDataOf } from "../../scripts/docs/exampleMaps";
import { disk } from "../support/fixtures/mapData";
import { disk as movable, place, pod, worldOf } from "../support/fixtures/movableDisks";
import { startListServer } from "../support/scale/apiServer";
import type { ListServer } from "../support/scale/apiServer";
import { zones } from "../support/scale/contents";

const amounts = { nodes: 90, pods: 2000, disks: 450 };

describe("a large cluster", function () {
    this.timeout(60_000);

    const read = async (server: ListServer) => {
        const config = new KubeConfig();
        config.loadFromString(server.kubeconfig);
        try {
            return await readCluster({ ...environmentClients(), kubeConfig: () => config }, (line) =>
                assert.fail(line),
            );
        } finally {
            server.stop();
        }
    };

    it("is read in pages, and only the fields that count are kept", async () => {
        const server = await startListServer(amounts);
        const cluster = await read(server);
        const perList = ["pods", "persistentvolumes", "persistentvolumeclaims", "nodes"].map(
            (name) => server.requests.filter((one) => one.startsWith(`/api/v1/${name}?`)).length,
        );
        assert.deepEqual(perList, [10, 3, 3, 1]);
        assert.ok(server.requests.every((one) => new URL(one, "http://server").searchParams.has("limit")));
        const names = new Set(cluster.persistentVolumes.map(({ metadata }) => metadata?.name));
        assert.deepEqual([names.size, cluster.claims.length, cluster.nodes?.length], [450, 450, 90]);
        assert.equal(cluster.pods.withClaims.length, 450);
        // A tenth of the others are a DaemonSet's.
        const others = Object.values(cluster.pods.others).reduce((sum, count) => sum + count, 0);
        assert.equal(others, (1550 * 9) / 10);
        assert.ok(JSON.stringify(cluster).length < server.sent() / 20);
    });

    it("is read to the end if a page's token is too old", async () => {
        const server = await startListServer(amounts, (request) => request === 2);
        const cluster = await read(server);
        const names = cluster.persistentVolumes.map(({ metadata }) => metadata?.name);
        assert.deepEqual([names.length, new Set(names).size], [450, 450]);
    });

    it("takes as many steps for each disk as a small one", () => {
        const perDisk = (count: number) => {
            const data = mapDataOf(
                Array.from({ length: count }, (_, index) => disk(index, zones[index % zones.length]!)),
                Object.fromEntries(zones.map((zone) => [zone, 3])),
            );
            const [watched, reads] = counting(data);
            const { zones: found } = buildMap(watched);
            findings(watched as Inventory);
            keptVolumeNotes(watched as Inventory);
            assert.equal(found.flatMap(({ disks }) => disks).length, count);
            return reads() / count;
        };
        assertEven(perDisk);
    });

    it("takes as many steps for each disk that leaves a zone", () => {
        assertEven((count) => {
            const disks = Array.from({ length: count }, (_, index) =>
                movable("web", index, { zone: zones[index % zones.length]!, pods: [pod(`web-${index}`)] }),
            );
            const places = zones.map((zone) => place(zone, zone, { freeSlots: count }));
            const [world, reads] = counting(worldOf(disks, places));
            const { moves } = movesFor(world, evacuation(world, zones[0]!, {}), {});
            assert.equal(moves.length, Math.ceil(count / zones.length));
            return reads() / count;
        });
    });
});

/** Fails if a step that is taken for each disk looks at the others, too. */
function assertEven(readsPerDisk: (disks: number) => number): void {
    const [few, many] = [readsPerDisk(50), readsPerDisk(400)];
    assert.ok(many < few * 1.5, `${few} reads of fields for a disk of 50, ${many} for one of 400`);
}

/** An object that counts how often fields of it, and of all objects in it, are read. */
function counting<T extends object>(root: T): [T, () => number] {
    let reads = 0;
    const seen = new WeakMap<object, object>();
    const watch = <O extends object>(object: O): O => {
        const known = seen.get(object) ?? new Proxy(object, { get });
        seen.set(object, known);
        return known as O;
    };
    const get = (target: object, key: string | symbol): unknown => {
        reads += 1;
        const value: unknown = Reflect.get(target, key);
        return typeof value === "object" && value !== null && !(value instanceof Date) ? watch(value) : value;
    };
    return [watch(root), () => reads];
}

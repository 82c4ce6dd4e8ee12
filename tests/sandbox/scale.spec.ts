import assert from "node:assert/strict";
import { measure } from "../support/scale/measure";

/** The commands as they are run, against servers that answer in pages. */
describe("doctor and map of a large cluster", function () {
    this.timeout(180_000);

    for (const command of ["doctor", "map"]) {
        it(`need little more memory for ten times the pods and nodes: ${command}`, async () => {
            const small = await measure(command, [], { nodes: 60, pods: 600, disks: 300 });
            const large = await measure(command, [], { nodes: 600, pods: 6000, disks: 300 });
            assert.deepEqual([small.status, large.status], [0, 0], large.stderr);
            assert.ok(
                large.mebibytes < small.mebibytes * 1.5,
                `${small.mebibytes} MiB and ${large.mebibytes} MiB`,
            );
            // Pages of 200: 30 of pods, 3 each of nodes and CSINodes, 2 each of the others.
            assert.equal(large.lists.length, 42);
            // Volumes by id in two parts, volumes by tag; the map also reads snapshots in two parts, the doctor the two
            // lists of the Recycle Bin.
            assert.equal(large.ec2.length, 5);
        });
    }

    // Ten questions for 200 volumes each, and four pages of 500 of them by tag; then the two lists of the Recycle Bin, or
    // ten questions for the snapshots of 200 volumes.
    for (const [command, calls] of [
        ["doctor", 16],
        ["map", 24],
    ] as const) {
        it(`ask about many disks at once: ${command}`, async () => {
            const { status, lists, ec2, stderr } = await measure(command, [], {
                nodes: 90,
                pods: 2000,
                disks: 2000,
            });
            assert.equal(status, 0, stderr);
            assert.deepEqual([lists.length, ec2.length], [42, calls]);
        });
    }
});

import assert from "node:assert/strict";
import { deliver, refuseShrink } from "../../components/engine/hooks";

/** A change of a volume's size, as the engine tells a hook of it. */
const change = (from: unknown, to: unknown) =>
    refuseShrink({
        urn: "urn:pulumi:dev::project::aws:ebs/volume:Volume::jenkins-1",
        id: "vol-1",
        name: "jenkins-1",
        type: "aws:ebs/volume:Volume",
        oldInputs: { size: from },
        newInputs: { size: to },
    });

describe("guard against shrinking", () => {
    it("rejects a smaller size", () => {
        assert.throws(() => change(10, 5), {
            message:
                "size of volume jenkins-1 can't shrink from 10 to 5 GiB, EBS volumes only grow: " +
                "set sizeGiB to 10 or more, or move the data to a new volume",
        });
    });

    it("accepts larger, equal and unknown sizes", () => {
        [
            [10, 10],
            [10, 11],
            [undefined, 5],
            [10, undefined],
        ].forEach(([from, to]) => assert.doesNotThrow(() => change(from, to)));
    });
});

describe("advice after a failure", () => {
    it("is delivered before the hook answers", async () => {
        const heard: string[] = [];
        const slowEngine = async (text: string) => {
            await new Promise((resolve) => setTimeout(resolve, 20));
            heard.push(text);
        };
        await deliver("run pulumi up --refresh", slowEngine);
        await deliver(undefined, slowEngine);
        assert.deepEqual(heard, ["run pulumi up --refresh"]);
    });
});

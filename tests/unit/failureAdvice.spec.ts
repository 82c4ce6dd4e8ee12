import assert from "node:assert/strict";
import { adviceOn, objectAdviceOn } from "../../components/engine/failureAdvice";

/** Errors of the AWS provider, seen on its own code, and a part of the advice. */
const said: [string, RegExp][] = [
    [
        "modifying EBS Volume (vol-0a): operation error EC2: ModifyVolume, api error VolumeModificationRateExceeded: wait",
        /run pulumi up --refresh after that time, or take the change back and run pulumi up --refresh at once$/,
    ],
    [
        "modifying EBS Volume (vol-0a): operation error EC2: ModifyVolume, api error IncorrectModificationState: OPTIMIZING",
        /pulumi up --refresh when aws ec2 describe-volumes-modifications says completed/,
    ],
    [
        "modifying EBS Volume (vol-0a): api error InvalidParameterCombination: Must specify at least one of size, type, " +
            "iops, throughput or multi-attach",
        /recorded all the same: run pulumi up again/,
    ],
    ["waiting for EBS Volume (vol-0a) create: couldn't find resource (21 retries)", /docs\/permissions\.md/],
    [
        "creating EBS Volume: api error IncorrectState: Snapshot is in invalid state - pending snap-0a",
        /isn't complete/,
    ],
    ["updating EBS Volume: api error InvalidVolume.NotFound: vol-0a", /somebody has deleted it/],
    ["resource did not exist while updating", /somebody has deleted it/],
    ["creating EBS Volume: api error TagLimitExceeded: 51", /50 tags of a resource/],
    ["deleting EBS Volume (vol-0a): api error VolumeInUse: attached", /attached to an instance/],
];

describe("advice after a refusal by EC2", () => {
    said.forEach(([error, advice]) =>
        it(`follows "${error.slice(0, 90)}"`, () => {
            assert.match(adviceOn("data-0", [error]) ?? "", advice);
            assert.match(adviceOn("data-0", [error]) ?? "", /^volume data-0: /);
        }),
    );

    it("is empty when the error explains itself", () => {
        assert.equal(adviceOn("data-0", ["api error UnauthorizedOperation: not authorized"]), undefined);
        assert.equal(adviceOn("data-0", []), undefined);
        assert.equal(
            adviceOn("data-0", ["api error UnauthorizedOperation: not authorized"], "create"),
            undefined,
        );
    });
});

describe("advice after an update that has failed", () => {
    it("names a refresh, whatever EC2 answered, since the provider has recorded the change", () => {
        const advice = adviceOn("data-0", ["api error UnauthorizedOperation: not authorized"], "update");
        assert.match(advice ?? "", /^volume data-0: .*recorded .*: run pulumi up --refresh/);
    });
});

describe("advice after a refusal by the cluster", () => {
    const newInputs = { spec: { volumeName: "data-0" } };

    it("has the command that frees a Released PersistentVolume when its claim isn't bound", () => {
        const errors = ["timed out waiting for the condition"];
        assert.match(
            objectAdviceOn({ name: "data-0", errors, newInputs }) ?? "",
            /PersistentVolume data-0 is Released .*kubectl patch pv\/data-0 --type=json --patch='\[.*\]'; then run pulumi up again$/,
        );
        assert.equal(objectAdviceOn({ name: "data-0", errors, newInputs: { spec: {} } }), undefined);
        const refused = ['"default/a" failed to fully initialize or become live: Forbidden'];
        assert.equal(objectAdviceOn({ name: "data-0", errors: refused, newInputs }), undefined);
    });

    it("names the recover command when an object exists that the state doesn't have", () => {
        const errors = ['persistentvolumes "data-0" already exists'];
        assert.match(
            objectAdviceOn({ name: "data-0", errors }) ?? "",
            /npx zonal-persistent-storage recover/,
        );
    });
});

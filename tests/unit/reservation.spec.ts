import assert from "node:assert/strict";
import { reservationLabel, reservationLabels } from "../../components/resources/claimReservation";

describe("the reservation of a PersistentVolume", () => {
    const claim = { name: "a", namespace: "default" };
    const onIts = (labels?: Record<string, string>) => ({
        urn: "",
        name: "data-0",
        volumeId: "vol-0",
        labels,
    });

    it("isn't renewed when no claim is recorded, or the claim stays", () => {
        assert.deepEqual(reservationLabels({}, claim), {});
        assert.deepEqual(reservationLabels({ persistentVolume: onIts() }, claim), {});
        assert.deepEqual(reservationLabels({ persistentVolume: onIts(), claim }, claim), {});
    });

    it("is renewed when the claim is removed or replaced", () => {
        const recorded = { persistentVolume: onIts(), claim };
        const again = { [reservationLabel]: "1" };
        assert.deepEqual(reservationLabels(recorded, undefined), again);
        assert.deepEqual(reservationLabels(recorded, { ...claim, name: "b" }), again);
        assert.deepEqual(reservationLabels(recorded, { ...claim, namespace: "shop" }), again);
    });

    it("counts renewals, and keeps the count", () => {
        const persistentVolume = onIts({ [reservationLabel]: "1" });
        assert.deepEqual(reservationLabels({ persistentVolume, claim }, undefined), {
            [reservationLabel]: "2",
        });
        assert.deepEqual(reservationLabels({ persistentVolume }, claim), { [reservationLabel]: "1" });
        assert.deepEqual(reservationLabels({ persistentVolume }, undefined), { [reservationLabel]: "1" });
    });
});

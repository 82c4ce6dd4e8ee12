import { mapDataOf, statefulSet } from "../../scripts/docs/exampleMaps";
import type { DiskSpec } from "../../scripts/docs/exampleMaps";
import type { MapData } from "../../tools/map/mapData";

/** 100 disks of five storages in 6 zones, one of them without a node, and some of all that stands out. */
export function manyDisks(): MapData {
    const zones = ["a", "b", "c", "d", "e", "f"].map((letter) => `us-east-1${letter}`);
    const storages = ["kafka", "postgres-production", "search", "web", "jenkins"];
    const disks = Array.from({ length: 100 }, (_, index): DiskSpec => {
        const ordinal = Math.floor(index / storages.length);
        return {
            storage: storages[index % storages.length]!,
            ordinal,
            // Those of jenkins don't follow the others.
            zone: zones[index % 5 === 4 && ordinal > 11 ? 1 : (ordinal + (index % 5)) % zones.length]!,
            sizeGiB: [500, 2000, 100, 10, 40][index % 5],
            type: ["st1", "io2", "gp3", "gp3", "gp2"][index % 5],
            encrypted: index % 5 !== 4,
            phase: index === 7 || index === 62 ? "Released" : index % 11 === 5 ? "Available" : undefined,
            snapshotAge: index % 5 === 3 ? undefined : 35 + (index % 7) * 1440,
            isGone: index === 31,
        };
    });
    const kept = { ...disks[10]!, zone: zones[5]!, isKept: true };
    const nodes = { "us-east-1a": 4, "us-east-1b": 12, "us-east-1c": 3, "us-east-1d": 2, "us-east-1f": 1 };
    return mapDataOf([...disks, kept], nodes);
}

/** A stack that has nothing yet. */
export function emptyStack(): MapData {
    return mapDataOf([], { "eu-west-1b": 1, "eu-west-1c": 2 });
}

/** What a name from outside may try. */
export const hostileName = `-"'><img src=x onerror=alert(1)></style></title></svg><script>alert(2)</script>]]><!--\u202e\u0000&lt;\${x}`;

/** The same where all that is text ends in this. */
export function hostile(name = hostileName): MapData {
    const kept = ["phase", "driver", "StartTime", "at", "type", "status", "deletionPolicy", "operator"];
    const text = JSON.stringify(statefulSet(), (key, value: unknown) =>
        typeof value === "string" && !kept.includes(key) ? value + name : value,
    );
    const { snapshots, at, ...others } = JSON.parse(text) as MapData;
    const dated = snapshots?.map((one) => ({ ...one, StartTime: new Date(String(one.StartTime)) }));
    return { ...others, snapshots: dated, at: new Date(String(at)), unseen: [name] };
}

import { z } from "zod";
import { argsShape, nodesFacts } from "../components/schema/argsSchema";
import { factsOf, object } from "../components/schema/schemaParts";
import { nodesProblems } from "../components/validation/nodesRules";
import { parse } from "../components/validation/parse";
import type { Parsed } from "../components/validation/parse";

const { clusterName, ...storageShape } = argsShape;
const { region, nodes, zones } = storageShape;

const clusterShape = { name: clusterName, region, nodes, zones };

const clusterFacts = factsOf({ ...clusterShape, nodes: nodesFacts });

/** Schema of the setting `cluster`: the args that all storages of a stack have in common. */
export const clusterSchema = object(clusterShape);

/** The setting `cluster`. */
export type ClusterConfig = z.output<typeof clusterSchema>;

/** Schema of a storage in the setting `storages`: its args, and settings that the program itself has. */
export const storageSchema = object({
    ...storageShape,
    alongside: z.string({ error: "must be the name of another storage" }).optional(),
    aliases: z
        .array(z.string({ error: "must be a name that the storage had" }), {
            error: "must be a list of names",
        })
        .optional(),
});

/** A storage in the setting `storages`. */
export type StorageSettings = z.output<typeof storageSchema>;

/** The setting `cluster`, or everything that is wrong with it. */
export function parseCluster(cluster: unknown): Parsed<ClusterConfig> {
    const facts = clusterFacts.parse(cluster);
    return parse(clusterSchema, cluster, nodesProblems(facts.nodes, facts.name));
}

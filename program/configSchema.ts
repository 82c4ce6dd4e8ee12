import { z } from "zod";
import { mergedProblems } from "../components/validation/argsRules";
import { argsShape, schemaProblems } from "../components/validation/argsSchema";
import { nodesProblems } from "../components/validation/nodesRules";
import type { Problem } from "../components/validation/problems";
import { object } from "../components/validation/schemaParts";
import { asMap } from "../components/validation/unchecked";

const { clusterName, ...storageShape } = argsShape;
const { region, nodes, zones } = storageShape;

/** Schema of the setting `cluster`: the args that all storages of a stack have in common. */
const clusterSchema = object({ name: clusterName, region, nodes, zones });

/** Schema of a storage in the setting `storages`: its args, and what the program itself makes of them. */
export const storageSchema = object({
    ...storageShape,
    alongside: z.string({ error: "must be the name of another storage" }).optional(),
    aliases: z
        .array(z.string({ error: "must be a name that the storage had" }), {
            error: "must be a list of names",
        })
        .optional(),
});

/** Everything that is wrong with the setting `cluster`. */
export function clusterProblems(cluster: unknown): Problem[] {
    const { name, nodes: given } = asMap(cluster);
    return mergedProblems(schemaProblems(clusterSchema, cluster), nodesProblems(given, name));
}

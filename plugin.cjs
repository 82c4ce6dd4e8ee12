// The component as a package for programs in any language. The engine starts it in the folder of whoever uses it: types
// are taken away here, not by a compiler that goes by the tsconfig.json of that folder. The schema is the one that was
// made from the sources at release (`npm run schema`), since that takes the compiler 10 seconds and 1.2 GB of memory.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { main } = require("@pulumi/pulumi/provider");
require("./transpiler.cjs").register();
const { ZonalPersistentStorage } = require("./components");

const schema = readFileSync(join(__dirname, "schema.json"), "utf8");
const { version, resources } = JSON.parse(schema);

void main(
    {
        version,
        schema,
        construct: async (name, type, inputs, options) => {
            const resource = resources[type];
            if (resource === undefined) {
                throw new Error(`${type}: the package has no such resource, only ${Object.keys(resources)}`);
            }
            const storage = new ZonalPersistentStorage(name, inputs, options);
            const outputs = Object.keys(resource.properties).map((output) => [output, storage[output]]);
            return { urn: storage.urn, state: Object.fromEntries(outputs) };
        },
    },
    process.argv.slice(2),
);
// After the host has begun, which has stack traces look up each of their lines in source maps.
require("./program/fastStackTraces");

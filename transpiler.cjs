// Removes the types of a source, for ts-node (tsconfig.json), bin.cjs and plugin.cjs. sucrase leaves every line where it
// is, so that no source maps are needed. What it makes is kept beside the installed packages: to make it anew at every
// start takes half of a second, a fifth of a preview.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

const { version } = JSON.parse(
    readFileSync(join(dirname(require.resolve("sucrase")), "..", "package.json"), "utf8"),
);
const options = {
    transforms: ["typescript", "imports"],
    disableESTransforms: true,
    preserveDynamicImport: true,
};
const cacheFolder = join(__dirname, "node_modules", ".cache", "transpiler");

/**
 * JavaScript of a TypeScript source.
 *
 * @param {string} source
 * @param {string} filePath - For messages of syntax errors.
 * @param {string} folder - What was made before.
 */
function transpile(source, filePath, folder = cacheFolder) {
    const key = createHash("sha256")
        .update(JSON.stringify([version, options, source]))
        .digest("hex");
    const kept = join(folder, `${key}.js`);
    try {
        return readFileSync(kept, "utf8");
    } catch {
        // Made below.
    }
    const { code } = require("sucrase").transform(source, { ...options, filePath });
    try {
        mkdirSync(folder, { recursive: true });
        // Other processes may read it at any time: it is never half written.
        const partial = `${kept}.${process.pid}`;
        writeFileSync(partial, code);
        renameSync(partial, kept);
    } catch {
        // A folder that can't be written to costs time, nothing else.
    }
    return code;
}

const withoutMappings = JSON.stringify({ version: 3, sources: [], names: [], mappings: "" });

exports.transpile = transpile;
/** Lets Node.js load the sources. ts-node would load a compiler for it, and go by a tsconfig.json. */
exports.register = () => {
    require.extensions[".ts"] = (module, filePath) => {
        module._compile(transpile(readFileSync(filePath, "utf8"), filePath), filePath);
    };
};
/** ts-node's interface for transpilers. */
exports.create = () => ({
    transpile: (source, { fileName }) => ({
        outputText: transpile(source, fileName),
        sourceMapText: withoutMappings,
    }),
});

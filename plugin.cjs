// The component as a package for programs in any language. The engine starts it in the folder of whoever uses it,
// with a compiler that goes by the tsconfig.json it finds there, or by none: the sources are transpiled here, in
// their own way.
const { componentProviderHost } = require("@pulumi/pulumi/provider/experimental");
const { readFileSync } = require("node:fs");
const { ModuleKind, ScriptTarget, transpileModule } = require("typescript");

const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };
require.extensions[".ts"] = (module, fileName) => {
    const source = readFileSync(fileName, "utf8");
    module._compile(transpileModule(source, { fileName, compilerOptions }).outputText, fileName);
};
const { ZonalPersistentStorage } = require("./components");

void componentProviderHost({
    name: "zonal-persistent-storage",
    components: [ZonalPersistentStorage],
    dirname: __dirname,
});

#!/usr/bin/env node
// The commands from the sources: `npx zonal-persistent-storage` in a clone. The npm package has them compiled.
require("./transpiler.cjs").register();
require("./tools/main.ts");

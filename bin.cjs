#!/usr/bin/env node
// The commands from the sources: `npx zonal-persistent-storage` in a clone. The npm package has them compiled.
require("ts-node").register({ dir: __dirname });
require("./tools/main.ts");

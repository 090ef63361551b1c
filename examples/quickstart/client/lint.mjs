// Lints an OpenAPI document with the recommended rules of Redocly.
//
//   node lint.mjs openapi.json

import { createConfig, formatProblems, getTotals, lint } from "@redocly/openapi-core";

const rules = {
  // The licence of an API is its service's to say.
  "info-license": "off",
  // The document itself is shown to everyone, and takes nothing that could be wrong.
  "operation-4xx-response": "off",
};
const config = await createConfig({ extends: ["recommended"], rules });
const problems = await lint({ ref: process.argv[2], config });
const totals = getTotals(problems);
formatProblems(problems, { format: "stylish", totals, version: "" });
process.exit(totals.errors + totals.warnings > 0 ? 1 : 0);

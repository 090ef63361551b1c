// Whether Chromium has rendered a page of the quickstart, and asked no other server for it.
//
//   node page.mjs http://localhost:8080 /docs page.html net.json

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [url, path, page, log] = process.argv.slice(2);
const text = readFileSync(page, "utf8");
assert(text.includes(path === "/docs" ? 'id="post_auth_login"' : 'href="/docs"'), text);

const { events } = JSON.parse(readFileSync(log, "utf8"));
// The browser's own requests have no page as their initiator.
const ofPage = events.map(({ params }) => params ?? {}).filter(({ url, initiator }) => url && /^https?:/.test(initiator ?? ""));
assert.deepEqual([...new Set(ofPage.map(({ url }) => url))], [`${url}/docs/style.css`]);
console.log(`${path} is shown, and nothing is loaded from elsewhere`);

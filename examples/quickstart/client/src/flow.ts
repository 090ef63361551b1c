// From the registration to the logout, with a client generated from the document.
//
//   node out/flow.js http://localhost:8080 mailbox

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Problem = components["schemas"]["Problem"];

const [baseUrl, mailbox] = process.argv.slice(2);
assert(baseUrl && mailbox);
const client = createClient<paths>({ baseUrl });
const email = `ada-${process.pid}@example.org`;
const password = "correct horse battery staple";

/** What was answered, unless it was a problem. */
function succeeded<T>(answer: { data?: T; error?: Problem; response: Response }): T {
  assert.equal(answer.error, undefined);
  assert(answer.response.ok);
  return answer.data as T;
}

/** The problem that was answered. */
function failed(answer: { error?: Problem; response: Response }, status: number, code: string): Problem {
  assert.equal(answer.response.status, status);
  assert.equal(answer.error?.code, code);
  return answer.error;
}

/** The token in the activation mail. */
async function tokenFromMail(): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    const names = await readdir(mailbox!);
    for (const name of names.filter((name) => name.endsWith(".eml"))) {
      const mail = await readFile(join(mailbox!, name), "utf8");
      const token = /^[A-Za-z0-9_-]{43}\r?$/m.exec(mail)?.[0];
      if (token && mail.includes(`To: ${email}`)) return token.trim();
    }
    await setTimeout(100);
  }
  throw new Error("no mail came");
}

const refused = await client.POST("/auth/registration", {
  body: { email, password: "too short", extra: { horse_legs: "three" } },
});
const violations = failed(refused, 422, "invalid").errors ?? [];
assert.deepEqual(violations.map(({ pointer, code }) => `${pointer} ${code}`).sort(), [
  "/extra/horse_legs wrong_answer",
  "/password too_short",
]);

const body = { email, password, extra: { horse_legs: "four" } };
const registered = succeeded(await client.POST("/auth/registration", { body }));
assert("status" in registered);
assert.equal(registered.status, "pending");

const login = { identifier: email, password, transport: "bearer" } as const;
failed(await client.POST("/auth/login", { body: login }), 403, "not_activated");
const token = await tokenFromMail();
succeeded(await client.POST("/auth/activation", { body: { token, password } }));
const unknown = "A".repeat(43);
failed(await client.POST("/auth/activation", { body: { token: unknown, password } }), 422, "token_invalid");

const wrong = await client.POST("/auth/login", { body: { ...login, password: "not this one at all" } });
failed(wrong, 401, "invalid_credentials");
const session = succeeded(await client.POST("/auth/login", { body: login }));
assert(session.transport === "bearer");
const signedIn = createClient<paths>({
  baseUrl,
  headers: { Authorization: `Bearer ${session.access_token}` },
});

const account = succeeded(await signedIn.GET("/account"));
assert.equal(account.email, email);
assert.equal(account.status, "active");
const sessions = succeeded(await signedIn.GET("/account/sessions"));
assert.deepEqual(sessions.sessions.map(({ current, transport }) => ({ current, transport })), [
  { current: true, transport: "bearer" },
]);

const inCookie = await client.POST("/auth/login", { body: { ...login, transport: "cookie" } });
const browser = succeeded(inCookie);
assert(browser.transport === "cookie");
const cookie = inCookie.response.headers.get("set-cookie")?.split(";")[0] ?? "";
const ofBrowser = createClient<paths>({
  baseUrl,
  headers: { Cookie: cookie, Origin: baseUrl, "X-CSRF-Token": browser.csrf_token },
});
succeeded(await ofBrowser.POST("/auth/logout", { body: {} }));
failed(await ofBrowser.GET("/account"), 401, "unauthenticated");

succeeded(await signedIn.POST("/auth/logout", { body: {} }));
failed(await signedIn.GET("/account"), 401, "unauthenticated");
console.log("registered, activated, logged in, looked and logged out");

// What a client relies on when it compiles. A difference is an error of the compiler.

import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Body<O extends keyof operations> = operations[O] extends {
  requestBody: { content: { "application/json": infer B } };
}
  ? B
  : never;

type Free = { [key: string]: unknown };

export const held: [
  Same<Body<"post_auth_login">["transport"], "cookie" | "bearer">,
  Same<Schemas["Session"]["transport"], "cookie" | "bearer">,
  Same<Schemas["User"]["status"], "pending" | "active" | "deactivated" | "closed">,
  Same<NonNullable<Body<"post_auth_registration">["extra"]>, Free>,
  Same<NonNullable<Body<"patch_account">["extra"]>, Free>,
  Same<NonNullable<Schemas["Violation"]["params"]>, { [key: string]: string }>,
  Same<Schemas["SignedIn"]["transport"], "cookie" | "bearer">,
  // A code may be one that only a later version or the application knows.
  Same<Schemas["Problem"]["code"], string>,
  "invalid_credentials" extends Schemas["ProblemCode"] ? true : false,
  "unknown_member" extends Schemas["ViolationCode"] ? true : false,
] = [true, true, true, true, true, true, true, true, true, true];

import {UserError} from "../errors.js";

/** Returns a name a user or token may have; throws a UserError for another. */
export function lawfulName(name: string, what: "user" | "token"): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u.test(name)) return name;
  throw new UserError(
    `a ${what} cannot be called ${JSON.stringify(name.slice(0, 80))}`,
    "a name is up to 64 letters, digits and . _ @ + -, and begins with a letter or digit"
  );
}

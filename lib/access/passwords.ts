import {UserError} from "../errors.js";

// Argon2id with the least that OWASP recommends: 19 MiB, two passes, one thread.
const strength = {memoryCost: 19_456, timeCost: 2, parallelism: 1};

/** Returns what is kept of a password; throws a UserError for one that is easily guessed. */
export async function hashOfPassword(password: string, name: string): Promise<string> {
  if (password.length < 12 || password.length > 1000)
    throw new UserError("a password has 12 to 1,000 characters", "four words that nobody would say together");
  if (password.toLowerCase().includes(name.toLowerCase()) || new Set(password).size < 5)
    throw new UserError("this password is easily guessed", "four words that nobody would say together");
  const {hash} = await import("@node-rs/argon2");
  return await hash(password, strength);
}

/** Returns whether a password is the one whose hash was kept; without a hash it takes as long and is wrong. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const {verify} = await import("@node-rs/argon2");
  const isSame = await verify(kept ?? nobodys, password.slice(0, 1000));
  return isSame && kept !== null;
}

const nobodys =
  "$argon2id$v=19$m=19456,t=2,p=1$YGkNE+p9XlkCvRMVh9FoJw$+LOmR7GWG1c7wNtoLctZ1lWKqR9BWjO1Gcd0U4+tTZI";

import {createHash, randomBytes} from "node:crypto";

/** Returns 256 random bits as text that fits into a cookie or a header. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** Returns what is kept of a random secret: with 256 bits nobody can guess it from its hash. */
export const hashOfSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");

import type {Context} from "hono";
import type {z} from "zod";
import {UserError} from "../lib/errors.js";

/** Returns a request's body as a schema reads it; throws a UserError for one that does not fit. */
export async function bodyOf<T>(c: Context, schema: z.ZodType<T>, hint: string): Promise<T> {
  const body = await c.req.json().catch(() => {
    throw new UserError("the request's body is not JSON", "send an object as application/json");
  });
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [{path, message}] = read.error.issues;
  throw new UserError(`the request's ${path.join(".") || "body"} cannot be read: ${message}`, hint);
}

/** Returns an id as an address names it; throws a UserError for what is none. */
export function idOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UserError(`not an id: ${text}`, "an id is a whole number, such as 7");
}

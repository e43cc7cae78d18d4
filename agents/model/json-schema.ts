import {z} from "zod";

/** Returns a schema as JSON schema, as endpoints take it. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const written = z.toJSONSchema(schema, {target: "draft-7", io: "input"}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(written).filter(([name]) => name !== "$schema"));
}

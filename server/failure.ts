import type {Context} from "hono";
import {redacted} from "../lib/config/secrets.js";
import {ConflictError, NotFoundError, UserError, explain} from "../lib/errors.js";
import {explained} from "../lib/store/failure.js";
import type {Log} from "./log.js";

/** Answers an error in words. */
// A thing that is named but not there is 404, a database that cannot be used 503, any other UserError is the asker's to mend: 400.
export function failed(c: Context, error: unknown, log: Log) {
  const known = explained(error, "the database");
  if (!(known instanceof UserError)) {
    const request = c.get("request");
    log.error({request, err: error}, "something went wrong");
    return failure(c, 500, "something went wrong in the server", `its log says what, of request ${request}`);
  }
  const {message, hint} = explain(known);
  if (known !== error) return failure(c, 503, message, hint);
  const status = error instanceof NotFoundError ? 404 : error instanceof ConflictError ? 409 : 400;
  return failure(c, status, message, hint);
}

/** Returns the one shape of every failure, without any secret. */
export function failure(
  c: Context,
  status: 400 | 404 | 409 | 413 | 500 | 503,
  error: string,
  hint: string | null
) {
  return c.json({error: redacted(error), hint: hint && redacted(hint), status}, status);
}

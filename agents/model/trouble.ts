import {APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError} from "openai";
import {masked, ModelError} from "../errors.js";

/** Returns anything thrown by the endpoint's client as a failure with a name; keys are masked. */
export function troubleOf(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const detail = masked(error instanceof Error ? error.message : String(error));
  if (error instanceof APIUserAbortError) return new ModelError("aborted");
  if (error instanceof APIConnectionTimeoutError) return new ModelError("timeout", detail);
  if (error instanceof APIConnectionError) return new ModelError("network", detail);
  if (error instanceof APIError && error.status) return ofStatus(error, detail);
  // Errors in the stream itself come without a status.
  if (error instanceof APIError) return new ModelError("server", detail);
  if (error instanceof SyntaxError)
    return new ModelError("bad_output", "the answer is not what an endpoint of this kind sends");
  return new ModelError("network", detail);
}

function ofStatus({status, headers}: APIError, detail: string): ModelError {
  if (status === 401 || status === 403) return new ModelError("auth", detail);
  if (status === 429) return new ModelError("rate_limit", detail, retryAfter(headers));
  if (status === 408 || status === 409 || status! >= 500)
    return new ModelError("server", detail, retryAfter(headers));
  const isLong = /context.length|too (long|many tokens)|maximum.*tokens/i.test(detail);
  return new ModelError(isLong ? "too_long" : "refused", detail);
}

// Seconds, or a date.
function retryAfter(headers: Headers | undefined): number | null {
  const value = headers?.get("retry-after");
  if (!value) return null;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 30_000) : null;
}

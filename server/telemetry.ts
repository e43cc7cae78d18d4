// OpenTelemetry, where the environment names a collector; otherwise nothing is loaded, and nothing is sent anywhere.

import {AsyncLocalStorage} from "node:async_hooks";
import {tracingChannel} from "node:diagnostics_channel";
import type {Span} from "@opentelemetry/api";
import {rememberKey} from "../lib/config/secrets.js";
import {UserError} from "../lib/errors.js";
import {channelOf, tracedKinds, type Told, type TracedKind} from "../lib/trace.js";

export type Telemetry = {stop: () => Promise<void>};

/**
 * Returns what stops the telemetry, sending what is left; null where OTEL_EXPORTER_OTLP_ENDPOINT is not set. What was
 * asked and answered is told only where EXPANTO_TRACE_TEXTS is "true".
 */
export async function startTelemetry(
  environment: NodeJS.ProcessEnv = process.env
): Promise<Telemetry | null> {
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return null;
  // Keys of a collector stand in headers such as api-key=….
  for (const [name, headers] of Object.entries(environment))
    if (/^OTEL_EXPORTER_OTLP_(\w+_)?HEADERS$/.test(name)) rememberHeaders(headers ?? "");
  const {trace, context, SpanStatusCode, tracing, metrics} = await providersOf(endpoint, environment);
  const tracer = tracing.getTracer("expanto");
  const seconds = metrics.getMeter("expanto").createHistogram("expanto.duration", {unit: "s"});
  const current = new AsyncLocalStorage<Span>();
  const isAskedForTexts = environment.EXPANTO_TRACE_TEXTS === "true";
  const open = new WeakMap<object, {span: Span; started: number}>();
  const stops = tracedKinds.map((kind) => listen(kind));

  function listen(kind: TracedKind): () => void {
    const channel = tracingChannel<unknown, Told>(channelOf(kind));
    channel.start.bindStore(current, (told) => {
      const parent = current.getStore();
      const within = parent ? trace.setSpan(context.active(), parent) : context.active();
      const span = tracer.startSpan(`${kind} ${(told as Told).facts.name}`, {}, within);
      open.set(told as Told, {span, started: performance.now()});
      return span;
    });
    const end = (told: Told) => {
      const known = open.get(told);
      if (!known) return;
      open.delete(told);
      const {facts, texts, error} = told;
      for (const [name, value] of Object.entries({...facts, ...(isAskedForTexts ? texts() : {})}))
        if (value !== null) known.span.setAttribute(name, value);
      // What an error says may quote what was asked; its kind is enough.
      if (error) known.span.setStatus({code: SpanStatusCode.ERROR, message: (error as Error).name});
      known.span.end();
      const isError = error ? "true" : "false";
      seconds.record((performance.now() - known.started) / 1000, {kind, name: facts.name, error: isError});
    };
    const handlers = {start: () => {}, end: () => {}, asyncStart: () => {}, error: () => {}, asyncEnd: end};
    channel.subscribe(handlers);
    return () => {
      channel.start.unbindStore(current);
      channel.unsubscribe(handlers);
    };
  }

  return {
    async stop() {
      for (const stop of stops) stop();
      await Promise.allSettled([tracing.shutdown(), metrics.shutdown()]);
    }
  };
}

function rememberHeaders(headers: string) {
  for (const header of headers.split(",")) rememberKey(header.slice(header.indexOf("=") + 1));
}

async function providersOf(endpoint: string, environment: NodeJS.ProcessEnv) {
  const {trace, context, SpanStatusCode, sdk, sdkMetrics, traces, meters, resources} = await packages();
  const base = endpoint.replace(/\/$/, "");
  const resource = resources.resourceFromAttributes({
    "service.name": environment.OTEL_SERVICE_NAME ?? "expanto"
  });
  const spans = new traces.OTLPTraceExporter({url: `${base}/v1/traces`});
  const numbers = new meters.OTLPMetricExporter({url: `${base}/v1/metrics`});
  const tracing = new sdk.NodeTracerProvider({resource, spanProcessors: [new sdk.BatchSpanProcessor(spans)]});
  const reader = new sdkMetrics.PeriodicExportingMetricReader({exporter: numbers});
  const metrics = new sdkMetrics.MeterProvider({resource, readers: [reader]});
  return {trace, context, SpanStatusCode, tracing, metrics};
}

async function packages() {
  try {
    const [{trace, context, SpanStatusCode}, sdk, sdkMetrics, traces, meters, resources] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace-node"),
      import("@opentelemetry/sdk-metrics"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/exporter-metrics-otlp-http"),
      import("@opentelemetry/resources")
    ]);
    return {trace, context, SpanStatusCode, sdk, sdkMetrics, traces, meters, resources};
  } catch {
    throw new UserError(
      "OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages of OpenTelemetry are not installed",
      "npm install --include=optional, or unset it"
    );
  }
}

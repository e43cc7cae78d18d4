// OpenTelemetry, where the environment names a collector; otherwise nothing is loaded, and nothing is sent anywhere.

import {AsyncLocalStorage} from "node:async_hooks";
import {tracingChannel} from "node:diagnostics_channel";
import type {Span} from "@opentelemetry/api";
import {UserError} from "../lib/errors.js";
import {channelOf, tracedKinds, type TracedFacts, type TracedKind} from "../lib/trace.js";

export type Telemetry = {stop: () => Promise<void>};

type Told = TracedFacts & {error?: unknown};

/** Returns what stops the telemetry, sending what is left; null where OTEL_EXPORTER_OTLP_ENDPOINT is not set. */
export async function startTelemetry(
  environment: NodeJS.ProcessEnv = process.env
): Promise<Telemetry | null> {
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint) return null;
  const {trace, context, SpanStatusCode, tracing, metrics} = await providersOf(endpoint, environment);
  const tracer = tracing.getTracer("expanto");
  const seconds = metrics.getMeter("expanto").createHistogram("expanto.duration", {unit: "s"});
  const current = new AsyncLocalStorage<Span>();
  const open = new WeakMap<object, {span: Span; started: number}>();
  const stops = tracedKinds.map((kind) => listen(kind));

  function listen(kind: TracedKind): () => void {
    const channel = tracingChannel<unknown, Told>(channelOf(kind));
    channel.start.bindStore(current, (facts) => {
      const parent = current.getStore();
      const within = parent ? trace.setSpan(context.active(), parent) : context.active();
      const span = tracer.startSpan(`${kind} ${(facts as Told).name}`, {}, within);
      open.set(facts as Told, {span, started: performance.now()});
      return span;
    });
    const end = (facts: Told) => {
      const known = open.get(facts);
      if (!known) return;
      open.delete(facts);
      const {error, ...told} = facts;
      for (const [name, value] of Object.entries(told))
        if (value !== null) known.span.setAttribute(name, value);
      // What an error says may quote what was asked; its kind is enough.
      if (error) known.span.setStatus({code: SpanStatusCode.ERROR, message: (error as Error).name});
      known.span.end();
      const isError = error ? "true" : "false";
      seconds.record((performance.now() - known.started) / 1000, {kind, name: told.name, error: isError});
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

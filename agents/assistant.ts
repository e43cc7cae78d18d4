// The assistant of a workspace, put together.

import {join} from "node:path";
import {UserError} from "../lib/errors.js";
import type {AssistantConfig} from "../lib/config/types.js";
import {resultsView} from "../lib/views.js";
import {refreshMetrics, type Workspace} from "../lib/workspace.js";
import {answer, type Asked, type Assistant, type Emit} from "./answer.js";
import {chatMemory} from "./memory.js";
import {openaiModel} from "./model/openai.js";
import {embeddingsModel} from "./model/embeddings.js";
import {offlineModel} from "./offline/model.js";
import {chromaIndex} from "./retrieval/chroma.js";
import {startChroma, type ChromaServer} from "./retrieval/chroma-server.js";
import {openLibrary} from "./retrieval/library.js";
import {sqlRunner} from "./sql/runner.js";
import type {Duty, Models, PageContext, QueryRows} from "./types.js";
import {webSearch} from "./web.js";

/** What the server asks of the assistant. */
export type Chat = {
  answer: (asked: Asked, emit: Emit, signal: AbortSignal) => Promise<void>;
  clear: (chat: string) => void;
  /** Runs one SELECT that the reader changed. */
  query: (sql: string, signal: AbortSignal) => Promise<QueryRows>;
  /** The model's name; null where rules answer. */
  about: {model: string | null};
};

export type AssistantOptions = {
  root: string;
  models?: Models;
  /** Whether a Chroma server may be started over the data folder; one process may. */
  mayStartChroma?: boolean;
};

/** Returns the assistant of a workspace, with rules where no models are given; close ends its processes. */
export function openAssistant(
  workspace: Workspace,
  {root, models = modelsOf(workspace), mayStartChroma = false}: AssistantOptions
): Chat & {assistant: Assistant; close: () => Promise<void>} {
  const {config} = workspace;
  const runner = sqlRunner(join(config.folders.data, "expanto.db"));
  const memory = chatMemory();
  const {tavilyKey} = config.assistant;
  const meaning = meaningOf(workspace, mayStartChroma);
  const assistant: Assistant = {
    models,
    memory,
    parts: {
      workspace,
      library: openLibrary(workspace, {root, second: meaning?.index}),
      query: runner.query,
      searchWeb: tavilyKey ? webSearch(tavilyKey) : null
    }
  };
  return {
    assistant,
    answer: async (asked, emit, signal) => {
      // Metrics that do not read are told of where they are used; the assistant goes on with those it had.
      await refreshMetrics(workspace).catch(() => null);
      const page = await pageMeant(workspace, asked.page);
      await answer(assistant, {...asked, page}, emit, signal);
    },
    clear: memory.clear,
    query: runner.query,
    about: {model: config.assistant.baseUrl ? namesOf(config.assistant).agentic : null},
    async close() {
      runner.close();
      await meaning?.stop();
    }
  };
}

/** Returns the index by meaning where the configuration names a model for it, and what stops its server; else null. */
function meaningOf({config}: Workspace, mayStart: boolean) {
  const {baseUrl, apiKey, timeLimitMs, embeddingsModel: model, chromaUrl} = config.assistant;
  if (baseUrl === null || model === null || (chromaUrl === null && !mayStart)) return null;
  let server: Promise<ChromaServer> | null = null;
  const url = async () => {
    if (chromaUrl !== null) return chromaUrl;
    server ??= startChroma(join(config.folders.data, "chroma"));
    return (await server).url;
  };
  const embed = embeddingsModel({baseUrl, apiKey, timeLimitMs}, model);
  const index = chromaIndex({url, embed, model});
  return {index, stop: async () => (await server?.catch(() => null))?.stop()};
}

/** Returns the models that the configuration names, one for each duty; without an address, rules do all. */
function modelsOf(workspace: Workspace): Models {
  const {baseUrl, apiKey, timeLimitMs} = workspace.config.assistant;
  const rules = offlineModel(workspace);
  if (baseUrl === null) return {fast: rules, agentic: rules, thinker: rules};
  const {fast, agentic, thinker} = namesOf(workspace.config.assistant);
  const made = (name: string) => openaiModel({baseUrl, apiKey, timeLimitMs}, name);
  return {fast: made(fast), agentic: made(agentic), thinker: made(thinker)};
}

function namesOf({model, models}: AssistantConfig): Record<Duty, string> {
  const any = model ?? models.agentic ?? models.thinker ?? models.fast;
  if (!any) throw new UserError("assistant.base_url names no model", "name one in assistant.model");
  return {fast: models.fast ?? any, agentic: models.agentic ?? any, thinker: models.thinker ?? any};
}

// "Latest" is an observation when the question is asked; it may be another by the next.
async function pageMeant(workspace: Workspace, page: PageContext): Promise<PageContext> {
  if (!/^\/results(\/latest)?\/?$/.test(page.path)) return page;
  const view = await resultsView(workspace, "latest").catch(() => null);
  return view ? {...page, path: `/results/${view.observation.id}`} : page;
}

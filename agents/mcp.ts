// The same tools for other programs, by the Model Context Protocol over standard input and output. They only read.

import {redacted} from "../lib/config/secrets.js";
import {explain, UserError} from "../lib/errors.js";
import {refreshMetrics, type Workspace} from "../lib/workspace.js";
import {agentsOf} from "./agents.js";
import {openAssistant} from "./assistant.js";
import {jsonSchema} from "./model/json-schema.js";
import {prompt} from "./prompts.js";
import {callTool} from "./run.js";
import type {Tool, ToolContext} from "./types.js";

// What belongs to a page, and what its own client can do.
const ofPages = ["page_context", "offer", "search_web"];

/** Returns every tool that another program may call. */
function toolsOf(): Tool[] {
  const all = agentsOf({searchWeb: null}).flatMap(({tools}) => tools);
  return [...new Set(all)].filter(({name}) => !ofPages.includes(name));
}

/** Serves a workspace's tools until the client goes; throws a UserError where the protocol's package is not installed. */
export async function serveMcp(
  workspace: Workspace,
  {root, version}: {root: string; version: string}
): Promise<void> {
  const {Server, StdioServerTransport, types} = await protocol();
  const {assistant, close} = openAssistant(workspace, {root});
  const page = {path: "/", search: "", title: "", selection: ""};
  const tools = toolsOf();
  const server = new Server({name: "expanto", version}, {capabilities: {tools: {}, prompts: {}}});
  server.setRequestHandler(types.ListToolsRequestSchema, () => ({
    tools: tools.map(({name, description, schema}) => ({
      name,
      description,
      inputSchema: jsonSchema(schema) as {type: "object"},
      annotations: {readOnlyHint: true, openWorldHint: false}
    }))
  }));
  server.setRequestHandler(types.CallToolRequestSchema, async ({params}, {signal}) => {
    const context: ToolContext = {...assistant.parts, page, signal, now: new Date()};
    try {
      const tool = tools.find(({name}) => name === params.name);
      if (!tool)
        throw new UserError(
          `there is no tool ${params.name}`,
          `there are ${tools.map(({name}) => name).join(", ")}`
        );
      await refreshMetrics(workspace);
      const {value} = await callTool(tool, params.arguments ?? {}, {context});
      return {content: [{type: "text", text: redacted(JSON.stringify(value))}]};
    } catch (error) {
      const {message, hint} = explain(error);
      return {
        content: [{type: "text", text: redacted(hint ? `${message}; ${hint}` : message)}],
        isError: true
      };
    }
  });
  server.setRequestHandler(types.ListPromptsRequestSchema, () => ({
    prompts: [{name: "analyst", description: "How a result is read with care, in what order."}]
  }));
  server.setRequestHandler(types.GetPromptRequestSchema, () => ({
    messages: [
      {role: "user", content: {type: "text", text: `${prompt("every-agent")}\n\n${prompt("analyst")}`}}
    ]
  }));
  const gone = new Promise<void>((resolve) => (server.onclose = resolve));
  process.stdin.once("end", () => void server.close());
  await server.connect(new StdioServerTransport());
  await gone;
  await close();
}

async function protocol() {
  try {
    const [{Server}, {StdioServerTransport}, types] = await Promise.all([
      import("@modelcontextprotocol/sdk/server/index.js"),
      import("@modelcontextprotocol/sdk/server/stdio.js"),
      import("@modelcontextprotocol/sdk/types.js")
    ]);
    return {Server, StdioServerTransport, types};
  } catch {
    throw new UserError(
      "the package of the protocol is not installed",
      "npm install @modelcontextprotocol/sdk@1.32.2"
    );
  }
}

// Who answers: one question to a fast model, in a form.

import {z} from "zod";
import {ModelError} from "./errors.js";
import {prompt} from "./prompts.js";
import {askInForm} from "./structured.js";
import {
  agentIds,
  type Agent,
  type AgentId,
  type Listener,
  type Message,
  type Model,
  type Usage
} from "./types.js";

export const routeForm = z.object({
  route: z.enum(agentIds).nullable(),
  confidence: z.number().min(0).max(1),
  follow_up_question: z.string().nullable()
});

export type Route = {agent: AgentId; confidence: number; question: string | null; isFallback: boolean};

/** Below this the router asks back, where it has a question. */
const sure = 0.5;

/** Returns which agent answers, or what to ask back; where the model gives no lawful route, the universal agent. */
export async function route(
  messages: Message[],
  agents: Agent[],
  {model, listener, onUsage}: {model: Model; listener: Listener; onUsage: (usage: Usage) => void}
): Promise<Route> {
  const offered = agents.map(({id, purpose}) => `- ${id}: ${purpose}`).join("\n");
  const system: Message = {role: "system", content: `${prompt("router")}\n\n${offered}`};
  const form = {name: "route", schema: routeForm};
  const asked = {agent: "router" as const, messages: [system, ...messages], form};
  const answer = await askInForm(model, asked, listener, onUsage).catch((error) => {
    if (error instanceof ModelError && error.trouble === "bad_output") return null;
    throw error;
  });
  const agent = agents.find(({id}) => id === answer?.route)?.id ?? null;
  const confidence = answer?.confidence ?? 0;
  if (answer && confidence < sure && answer.follow_up_question?.trim())
    return {agent: "universal", confidence, question: answer.follow_up_question, isFallback: false};
  return {agent: agent ?? "universal", confidence, question: null, isFallback: agent === null};
}

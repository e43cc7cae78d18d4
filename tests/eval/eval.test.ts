import {resolve} from "node:path";
import {afterAll, beforeAll, expect, test} from "vitest";
import type {Assistant} from "../../agents/answer.js";
import {openAssistant} from "../../agents/assistant.js";
import {chatMemory} from "../../agents/memory.js";
import {cases} from "../../eval/cases.js";
import {faults} from "../../eval/faults.js";
import {runCase} from "../../eval/run.js";
import {now, seededWorkspace} from "../../eval/seed.js";
import {closeStore} from "../../lib/store.js";
import type {Workspace} from "../../lib/workspace.js";

let workspace: Workspace;
let opened: ReturnType<typeof openAssistant>;

beforeAll(async () => {
  workspace = await seededWorkspace();
  opened = openAssistant(workspace, {root: resolve(".")});
  opened.assistant.now = () => new Date(now);
});

afterAll(() => {
  opened.close();
  closeStore(workspace.store);
});

const failuresOf = async (ids: string[], assistant: Assistant) => {
  const failed: Record<string, string[]> = {};
  for (const each of cases.filter(({id}) => ids.includes(id))) {
    const {failures} = await runCase(each, assistant, {workspace, isOffline: true});
    if (failures.length) failed[each.id] = failures;
  }
  return failed;
};

test("the rules answer every case, or say that a model is needed", async () => {
  expect(cases.length).toBeGreaterThanOrEqual(80);
  expect(new Set(cases.map(({id}) => id)).size).toBe(cases.length);
  expect(
    await failuresOf(
      cases.map(({id}) => id),
      opened.assistant
    )
  ).toEqual({});
});

test.each(Object.entries(faults))("the evaluation notices when %s", async (_, {plant, noticedBy}) => {
  const {models} = opened.assistant;
  const faulty = plant(models.agentic);
  const assistant = {
    ...opened.assistant,
    memory: chatMemory(),
    models: {fast: faulty, agentic: faulty, thinker: faulty}
  };
  expect(Object.keys(await failuresOf(noticedBy, assistant)).sort()).toEqual([...noticedBy].sort());
});

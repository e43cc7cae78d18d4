import type {Case} from "./case.js";
import {conversationCases} from "./cases/conversations.js";
import {factCases} from "./cases/facts.js";
import {nameCases} from "./cases/names.js";
import {pageCases} from "./cases/pages.js";
import {resultCases} from "./cases/results.js";

/** Every question of the evaluation. */
export const cases: Case[] = [...resultCases, ...factCases, ...conversationCases, ...pageCases, ...nameCases];

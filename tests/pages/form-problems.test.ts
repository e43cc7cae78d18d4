import {expect, test} from "vitest";
import {parseExperiment} from "../../lib/experiment-file.js";
import {Failure} from "../../src/components/api.js";
import {experimentFields} from "../../src/components/edit-fields.js";
import {inFormWords} from "../../src/components/form-problems.js";

const fields = experimentFields({metrics: [], scenarios: [], defaultScenario: "duckdb"});

/** Returns what a form says where the rules of the file refuse what is written in it. */
function said(experiment: Record<string, unknown>): [string, string | null] {
  try {
    parseExperiment({experiment});
  } catch (error) {
    const {message, hint} = error as Failure;
    const told = inFormWords(new Failure(message, hint), fields) as Failure;
    return [told.message, told.hint];
  }
  throw new Error("nothing was refused");
}

test("every problem names its field as the form does, and advises what a form can do", () => {
  const variants = [{name: "a", allocation: "abc"}, {name: "b"}];
  const [message, hint] = said({name: null, start_datetime: "2026-02-30", variants});
  const lines = message.split("\n");
  expect(lines).toContain("Name is missing");
  expect(lines).toContainEqual(expect.stringMatching(/^Start \(UTC\) is not a date: 2026-02-30; /));
  expect(lines).toContainEqual(expect.stringMatching(/^Variants: allocation must be a number, not abc/));
  expect(lines).toContainEqual(
    expect.stringMatching(/^Variants: exactly one variant must be the control.*; choose which one/)
  );
  expect(message).not.toMatch(/experiment\.|control: true/);
  expect(hint).toBeNull();
});

test("what speaks of no field, and what is no failure of the server, stays as it was", () => {
  const conflict = new Failure("“a” was changed by somebody else", "open this page in another tab");
  expect(inFormWords(conflict, fields)).toEqual(conflict);
  const other = new Error("no connection");
  expect(inFormWords(other, fields)).toBe(other);
});

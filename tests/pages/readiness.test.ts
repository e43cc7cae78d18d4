import {expect, test} from "vitest";
import {assessmentOf} from "../../lib/stats/analysis.js";
import {fixtureParts} from "../browser/fixtures.js";

test("a running experiment that was calculated after its end is ready to read; one calculated before it is an early look", async () => {
  const view = await fixtureParts(".").resultsView(1);
  const experiment = {...view.experiment, status: "running" as const, end: "2025-10-29T00:00:00.000Z"};
  const titleOf = (createdAt: string) =>
    assessmentOf({...view, experiment, job: {...view.job!, createdAt}}, new Date("2025-12-01")).readiness
      .title;
  expect(titleOf("2025-10-28T23:00:00.000Z")).toBe("Early look");
  expect(titleOf("2025-10-29T00:00:00.000Z")).toBe("Ready to read");
});

import {expect, test} from "vitest";
import {ordered, ranBetween, type ExperimentRow} from "../../src/components/experiment-rows.js";
import {listQuestionIn} from "../../src/components/list-form.js";

const row = (
  name: string,
  [start, end]: (string | null)[],
  lifts: (number | null)[],
  calculated: string | null
) =>
  ({
    card: {
      experiment: {name, start: start && `${start}T00:00:00.000Z`, end: end && `${end}T00:00:00.000Z`},
      job: calculated && {createdAt: calculated}
    },
    findings: lifts.map((value) => ({effect: {lift: {value}}}))
  }) as unknown as ExperimentRow;

const rows = [
  row("Banner", ["2025-10-01", "2025-10-15"], [0.02, 0.05], "2025-10-20"),
  row("Account", ["2025-11-01", null], [-0.1], "2025-11-03"),
  row("Draft", [null, null], [], null),
  row("Cart", ["2025-10-10", "2025-11-10"], [null], null)
];
const names = (found: ExperimentRow[]) => found.map(({card}) => card.experiment.name);

test("rows are ordered by what they have; those without it come last", () => {
  expect(names(ordered(rows, "status"))).toEqual(names(rows));
  expect(names(ordered(rows, "name"))).toEqual(["Account", "Banner", "Cart", "Draft"]);
  expect(names(ordered(rows, "start"))).toEqual(["Account", "Cart", "Banner", "Draft"]);
  expect(names(ordered(rows, "lift"))).toEqual(["Banner", "Account", "Draft", "Cart"]);
  expect(names(ordered(rows, "updated")).slice(0, 2)).toEqual(["Account", "Banner"]);
});

test("an experiment ran between two days where any of its days lies between them; its end no longer counts", () => {
  const between = (from: string | null, until: string | null) => names(ranBetween(rows, {from, until}));
  expect(between(null, null)).toHaveLength(4);
  expect(between("2025-10-15", null)).toEqual(["Account", "Cart"]);
  expect(between("2025-10-14", "2025-10-14")).toEqual(["Banner", "Cart"]);
  expect(between(null, "2025-10-09")).toEqual(["Banner"]);
});

test("an address asks for a list; what it says wrongly is as usual", () => {
  expect(listQuestionIn("?search=a&order=lift&from=2025-10-01&until=tomorrow")).toEqual({
    search: "a",
    status: "all",
    order: "lift",
    from: "2025-10-01",
    until: null
  });
  expect(listQuestionIn("?order=best").order).toBe("status");
});

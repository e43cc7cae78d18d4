import {expect, test} from "vitest";
import {checkNumbers, numbersIn, sourcesOf} from "../../agents/numbers.js";

const titles = {purchase_conversion: "Purchase conversion", revenue_per_user: "Revenue per user"};
const value = {
  metrics: [
    {metric: "purchase_conversion", lift: 0.08333, low: -0.0272, pvalue: 0.00000012, units: 40_100},
    {metric: "revenue_per_user", lift: 0.0481, low: -0.012, pvalue: 0.04, units: 40_100}
  ]
};
const check = (answer: string) =>
  checkNumbers(answer, sourcesOf(value, "c1", {titles}), titles).map(({text, source, why}) => [
    text,
    source?.path ?? why
  ]);

test("a number is the rounding of a result at the precision it is written with", () => {
  expect(check("It rose by 8.3%, or 8%, in 40,100 units; p < 0.001.")).toEqual([
    ["8.3%", "metrics[0].lift"],
    ["8%", "metrics[0].lift"],
    ["40,100", "metrics[0].units"],
    ["0.001", "metrics[0].pvalue"]
  ]);
  expect(check("It rose by 8.4%.")).toEqual([["8.4%", "no tool returned this number"]]);
});

test("a number of one metric is no source in a sentence about another", () => {
  expect(check("Revenue per user rose by 8.3%.")).toEqual([
    ["8.3%", "that number is of Purchase conversion"]
  ]);
  expect(
    check("Revenue per user rose by 4.8%. Purchase conversion by 8.3%.").map(([, from]) => from)
  ).toEqual(["metrics[1].lift", "metrics[0].lift"]);
});

test("a written sign must be the result's", () => {
  expect(check("The interval begins at −2.7%.")).toEqual([["−2.7%", "metrics[0].low"]]);
  expect(check("The interval begins at +2.7%.")[0][1]).toBe("no tool returned this number");
});

test("a small whole number is no rounding unless the answer says about", () => {
  const from = (answer: string) =>
    checkNumbers(answer, sourcesOf({days: 3.4}, "c1")).map(({source}) => source !== null);
  expect(from("It takes 3 of them.")).toEqual([false]);
  expect(from("It takes about 3 of them.")).toEqual([true]);
});

test.each<[string, string[]]>([
  ["Job 3 on 2025-10-01 at `12 px` of [42](/results/7), 1 October 2025, see v2 and avg_7d.", ["3", "42"]],
  ["1. first\n2. second", []],
  [
    "two metrics, three days, 1.2e-5, 5.1k and 2.5 million",
    ["two", "three", "1.2e-5", "5.1k", "2.5 million"]
  ],
  ["From −1.5 to +2–3%", ["−1.5", "+2", "3%"]],
  ["```\n17\n```", []]
])("numbers in %j", (text, numbers) => {
  expect(numbersIn(text).map(({text}) => text)).toEqual(numbers);
});

import {expect, test} from "vitest";
import {axisOf, windowsOf} from "../../src/components/windows.js";

const fields = {
  exposure_start_datetime: "2025-10-01",
  exposure_end_datetime: "2025-10-22 12:30",
  calc_start_datetime: "2025-10-01",
  calc_end_datetime: "2025-10-29",
  pre_period_days: 14
};
const utc = (text: string) => new Date(`${text}Z`);

test("a day is its midnight in UTC, a time without a zone is UTC, and the days before end at the first exposure", () => {
  expect(windowsOf(fields)).toEqual({
    exposure: {start: utc("2025-10-01T00:00"), end: utc("2025-10-22T12:30")},
    events: {start: utc("2025-10-01T00:00"), end: utc("2025-10-29T00:00")},
    before: {start: utc("2025-09-17T00:00"), end: utc("2025-10-01T00:00")}
  });
});

test("a window that is open at an end is none", () => {
  expect(windowsOf({...fields, exposure_end_datetime: null, calc_start_datetime: null})).toEqual({
    exposure: null,
    events: null,
    before: null
  });
});

test("the axis holds every window, and today only where it is among them or soon after", () => {
  const axis = (today: string) => axisOf([windowsOf(fields), windowsOf({})], utc(`${today}T00:00`));
  expect(axis("2025-10-10")).toEqual({
    start: utc("2025-09-17T00:00"),
    end: utc("2025-10-29T00:00"),
    today: utc("2025-10-10T00:00")
  });
  expect(+axis("2025-11-05")!.end).toBeGreaterThan(+utc("2025-11-05T00:00"));
  expect(axis("2026-10-10")!.today).toBe(null);
  expect(axisOf([windowsOf({})], utc("2025-10-10T00:00"))).toBe(null);
});

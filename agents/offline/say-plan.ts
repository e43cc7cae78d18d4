// What a plan says, by template.

import {count, percent} from "../../lib/stats/words.js";
import {escaped} from "./markdown.js";
import type {Situation} from "./understand.js";

type Plan = {
  traffic_of: {experiment: string};
  lift: number;
  days_asked: number;
  power: number;
  confidence: number;
  shares: number[];
  side: string;
  corrected: boolean;
  cuped: boolean;
  sequential: boolean;
  looks_ahead_days: number;
  plans: {
    title: string;
    units_of_each_variant: number[] | null;
    total_units: number | null;
    day: number | null;
    smallest_lift_in_days_asked: number | null;
    reason: string | null;
  }[];
};

/** Returns how long a lift takes, and what the days asked for show. */
export function sayPlan(
  {traffic_of, lift, days_asked, power, confidence, looks_ahead_days, plans, ...design}: Plan,
  {days}: Situation
): string {
  const whole = (x: number) =>
    percent(x, {digits: Number.isInteger(Number((x * 100).toPrecision(6))) ? 0 : 1});
  const lines = plans.map(
    ({title, total_units: total, day, smallest_lift_in_days_asked: smallest, reason}) => {
      if (total === null) return `${escaped(title)} cannot be planned: ${reason}.`;
      const units = count(total);
      const when =
        day === null
          ? `which this traffic does not reach within ${looks_ahead_days} days`
          : `which this traffic reaches on day ${day}`;
      const shown =
        days && smallest !== null
          ? ` In ${days_asked} days a lift of ${percent(smallest)} or more would show.`
          : "";
      return `To see a lift of ${whole(lift)} in **${escaped(title)}** takes ${units} units in all, ${when}.${shown}`;
    }
  );
  return `${lines.join("\n\n")}\n\nWith ${whole(power)} power at ${whole(confidence)} confidence, ${designOf({...design, comparisons: plans.length * (design.shares.length - 1)})}, from the traffic and baseline of ${escaped(traffic_of.experiment)}.`;
}

type Design = Pick<Plan, "shares" | "side" | "corrected" | "cuped" | "sequential"> & {comparisons: number};

function designOf({shares, side, corrected, cuped, sequential, comparisons}: Design) {
  const more: [boolean, string][] = [
    [side !== "two-sided", "in a one-sided test"],
    [corrected && comparisons > 1, "corrected for all comparisons"],
    [cuped, "with CUPED"],
    [sequential, "with always-valid intervals"]
  ];
  const said = more.filter(([isSo]) => isSo).map(([, words]) => words);
  return [`an allocation of ${shares.join(":")}`, ...said].join(", ");
}

// Who visits the demo shop and when, as DuckDB SQL. Times are fractional days from today's midnight UTC.

import {historyDays} from "./plan.js";

const accountsAtScaleOne = 60_000;
// Sunday first: people shop most on Sunday and Monday evenings, least on Saturday.
const weekdayRhythm = [1, 0.94, 0.86, 0.82, 0.8, 0.74, 0.7];

/** Returns SQL that makes the table users: one row per account, with the traits that persist over time. */
export function usersSql(scale: number): string {
  const accounts = Math.round(accountsAtScaleOne * scale);
  return `
create temp table users as
select
  no as user_no,
  'u' || lpad(no::varchar, 7, '0') as user_id,
  ${pick("country", {DE: 0.34, FR: 0.22, GB: 0.19, US: 0.16, BR: 0.09})} as country,
  ${pick("platform", {ios: 0.31, android: 0.41, web: 0.28})} as platform,
  -- A third of the accounts is new and arrives in the course of the history.
  case when uniform('is new', no, 0) < 0.35 then uniform('arrival', no, 0) - 1 else -1 end * ${historyDays}
    as arrival_day,
  least(exp(-1.95 + 0.95 * normal('activity', no, 0)), 2.5) as visits_per_day,
  least(0.14 * exp(0.7 * normal('appetite', no, 0) - 0.245), 0.7) as purchase_chance,
  exp(3.45 + 0.35 * normal('basket', no, 0)) as basket,
  exp(0.35 + 0.3 * normal('connection', no, 0)) as load_seconds
from range(${accounts}) as accounts(no);`;
}

/** Returns SQL that makes the table sessions; today is a date such as "2025-10-01". */
export function sessionsSql(today: string): string {
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
  return `
-- The share of possible visits that happen at a time: weekday times hour, busiest at five in the afternoon.
create temp macro rhythm(day) as
  [${weekdayRhythm.join(", ")}][(floor(day)::int + ${weekday} + 700) % 7 + 1]
  * (0.55 + 0.45 * cos(2 * pi() * (day - floor(day) - 17 / 24)));
create temp table sessions as
with possible as (
  select *, unnest(range((visits_per_day * -arrival_day + uniform('visits', user_no, 0))::int)) as k
  from users
),
timed as (
  select *, arrival_day * uniform('when', user_no, k) as day
  from possible
)
select *, 1 + least(floor(ln(uniform('pages', user_no, k)) / ln(0.72)), 39)::int as pages
from timed
where uniform('happens', user_no, k) < rhythm(day);`;
}

function pick(trait: string, shares: Record<string, number>): string {
  const names = Object.keys(shares);
  let below = 0;
  const cases = names.slice(0, -1).map((name) => {
    below += shares[name];
    return `when uniform('${trait}', no, 0) < ${below.toFixed(4)} then '${name}'`;
  });
  return `case ${cases.join(" ")} else '${names.at(-1)}' end`;
}

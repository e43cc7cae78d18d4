// What visitors of the demo shop do, as DuckDB SQL. Times are fractional days from today's midnight UTC.

// The chance of a refund where a variant makes refunds most likely; elsewhere a share of it.
const refundChance = 0.081;

/** Returns SQL that makes the table orders: what is bought once the experiments have acted. */
export function ordersSql(): string {
  return `
create temp macro seconds(n) as n / 86400;
create temp table orders as
with wanted as (
  select
    user_no, k,
    day + seconds(60 + 45 * pages + 240 * uniform('checkout', user_no, k)) as order_day,
    basket * exp(0.65 * normal('order', user_no, k))
      * case country when 'US' then 1.25 when 'GB' then 1.1 when 'BR' then 0.7 else 1 end as worth
  from sessions
  where uniform('buys', user_no, k) < purchase_chance
)
select wanted.user_no, k, order_day, round(worth * coalesce(product(value_factor), 1), 2) as revenue
from wanted
left join assigned on assigned.user_no = wanted.user_no and order_day >= assigned_day and order_day < end_day
group by wanted.user_no, k, order_day, worth
having coalesce(bool_and(uniform('checks out', wanted.user_no, experiment_no) < orders_kept), true);`;
}

/** Returns SQL that makes the table refunds; what counts is the variant on the day of the refund. */
export function refundsSql(): string {
  return `
create temp table refunds as
with asked as (
  select
    *,
    order_day + 0.5 - 3 * ln(uniform('return', user_no, k)) as refund_day,
    revenue * case when uniform('partly', user_no, k) < 0.3 then uniform('part', user_no, k) else 1 end as amount
  from orders
  where uniform('refund', user_no, k) < ${refundChance}
)
select asked.user_no, k, refund_day, round(amount, 2) as amount
from asked
left join assigned on assigned.user_no = asked.user_no and refund_day >= assigned_day and refund_day < end_day
group by asked.user_no, k, refund_day, amount
having coalesce(
  bool_and(uniform('is refunded', asked.user_no, k * 100 + experiment_no) < refunds_kept), true);`;
}

/** Returns a query for the rows of events, in time order. */
export function eventsQuery(): string {
  return `
with loading as (
  -- No two of the demo's experiments act on the loading of pages, so a view has one factor at most.
  select user_no, assigned_day, end_day, load_factor from assigned where load_factor <> 1
),
views as (
  select
    sessions.user_no, k, day, load_seconds, platform,
    unnest(range(pages)) as view,
    coalesce(load_factor, 1) as load_factor
  from sessions
  left join loading on loading.user_no = sessions.user_no and day >= assigned_day and day < end_day
),
viewed as (
  select *, day + seconds(1 + 45 * view + 30 * uniform('look', user_no * 1000 + k, view)) as view_day
  from views
),
happened as (
  select user_no, k, 'session_start' as event_name, null::double as event_value, day as event_day, false as is_order
  from sessions
  union all
  select user_no, k, 'page_view', null, view_day, false
  from viewed
  union all
  -- One view in three reports how long it took.
  select user_no, k, 'page_load', ${loadSeconds()}, view_day + seconds(0.5), false
  from viewed
  where view % 3 = 0
  union all
  select user_no, k, 'search', null, day + seconds(5 + 20 * uniform('search at', user_no, k)), false
  from sessions
  where uniform('searches', user_no, k) < 0.45
  union all
  select user_no, k, 'add_to_cart', null, day + seconds(40 + 40 * pages), false
  from sessions
  -- The same draw as for buying, so that whoever buys has put something into the cart.
  where uniform('buys', user_no, k) < 2.2 * purchase_chance
  union all
  select user_no, k, 'support_ticket', null, day + seconds(30 + 600 * uniform('ticket at', user_no, k)), false
  from sessions
  where uniform('ticket', user_no, k) < 0.012
  union all
  select user_no, k, 'app_crash', null, day + seconds(10 + 90 * uniform('crash at', user_no, k)), false
  from sessions
  where uniform('crash', user_no, k) < case platform when 'android' then 0.021 when 'ios' then 0.009 else 0.004 end
  union all
  select user_no, k, 'purchase', revenue, order_day, true
  from orders
  union all
  select user_no, k, 'refund', amount, refund_day, true
  from refunds
)
select
  user_id,
  event_name,
  event_value,
  instant(event_day) as event_timestamp,
  case when is_order then 'o' || user_no || '-' || k end as order_id,
  case when event_name <> 'refund' then 's' || user_no || '-' || k end as session_id
from happened
join users using (user_no)
where event_day < 0
order by event_timestamp, user_no, k, event_name`;
}

function loadSeconds(): string {
  const device = "case platform when 'android' then 1.15 when 'ios' then 0.95 else 1 end";
  const noise = "exp(0.35 * normal('load', user_no * 1000 + k, view))";
  return `round(load_seconds * ${device} * ${noise} * load_factor, 3)`;
}

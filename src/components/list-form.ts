import {choice, line, named} from "./controls.js";
import {orders, type Order} from "./experiment-rows.js";
import {count} from "../stats/format.js";
import {Inputs, html} from "./notebook.js";

export type ListQuestion = {
  search: string;
  status: string;
  order: Order;
  from: string | null;
  until: string | null;
};

/** Returns what an address asks of the list of experiments. */
export function listQuestionIn(search: string): ListQuestion {
  const asked = new URLSearchParams(search);
  const day = (name: string) => /^\d{4}-\d\d-\d\d$/.exec(asked.get(name) ?? "")?.[0] ?? null;
  const order = (Object.keys(orders) as Order[]).find((each) => each === asked.get("order")) ?? "status";
  return {
    search: asked.get("search") ?? "",
    status: asked.get("status") ?? "all",
    order,
    from: day("from"),
    until: day("until")
  };
}

/** Returns search, status, days and order of the Experiments page; each status says how many it has. */
export function searchForm(
  statuses: {name: string; n: number}[],
  {search, status, order, from, until}: ListQuestion
) {
  const format = ({name, n}: {name: string; n: number}) => html`${name} <small>${count(n)}</small>`;
  const inputs = {
    search: Inputs.text({label: "Search", type: "search", autocomplete: "off", value: search}),
    status: choice(
      "Status",
      Inputs.radio(statuses, {value: statuses.find(({name}) => name === status) ?? statuses[0], format})
    ),
    from: Inputs.text({label: "Ran from", type: "date", value: from ?? ""}),
    until: Inputs.text({label: "until", type: "date", value: until ?? ""}),
    order: named("Order", orders, order)
  };
  return Inputs.form(inputs, {template: line});
}

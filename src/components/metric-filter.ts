// Which metrics stand in the table: by group and by tag.

import {changeAddress} from "./address.js";
import type {MetricMoments} from "../../lib/view-types.js";
import type {Finding} from "../stats/analysis.js";
import {html} from "./notebook.js";
import {pick} from "./pick.js";

/** Groups and tags that are shown; empty shows every one. */
export type MetricFilter = {groups: string[]; tags: string[]};

const namesOf = (metrics: MetricMoments[]): MetricFilter => ({
  groups: [...new Set(metrics.map(({metric}) => metric.group))].filter(Boolean),
  tags: [...new Set(metrics.flatMap(({metric}) => metric.tags))].sort()
});

/** Returns the filter an address asks for, among the groups and tags there are. */
export function filterIn(search: string, metrics: MetricMoments[]): MetricFilter {
  const asked = new URLSearchParams(search);
  const {groups, tags} = namesOf(metrics);
  const those = (name: string, known: string[]) => known.filter((each) => asked.getAll(name).includes(each));
  return {groups: those("group", groups), tags: those("tag", tags)};
}

/** Writes a filter into the address, one entry a name. */
export function keepFilter({groups, tags}: MetricFilter): void {
  changeAddress((params) => {
    for (const [name, values] of [
      ["group", groups],
      ["tag", tags]
    ] as const) {
      params.delete(name);
      for (const value of values) params.append(name, value);
    }
  });
}

/** Returns the choice of groups and tags, or null where there is but one of each. */
export function filterForm(metrics: MetricMoments[], chosen: MetricFilter) {
  const {groups, tags} = namesOf(metrics);
  if (groups.length < 2 && tags.length < 2) return null;
  const picks = [
    {name: "Metric groups", names: groups, own: chosen.groups},
    {name: "Tags", names: tags, own: chosen.tags}
  ].map(({name, names, own}) =>
    pick({
      name,
      entries: names.map((label) => ({label})),
      chosen: names.map((each) => own.includes(each)),
      none: "all"
    })
  );
  const form = html`<form class="controls filters" aria-label="Metrics shown">${picks}</form>`;
  const read = () => {
    const [ofGroups, ofTags] = picks.map(({value}) => value);
    return {groups: groups.filter((_, i) => ofGroups[i]), tags: tags.filter((_, i) => ofTags[i])};
  };
  let value = read();
  form.onsubmit = (event: Event) => event.preventDefault();
  form.oninput = () => (value = read());
  return Object.defineProperty(form, "value", {get: () => value});
}

/** Returns the findings of a filter's groups and tags; all of them where it would leave none. */
export function filtered(findings: Finding[], {groups, tags}: MetricFilter): Finding[] {
  const kept = findings.filter(
    ({metric}) =>
      (!groups.length || groups.includes(metric.group)) &&
      (!tags.length || metric.tags.some((tag) => tags.includes(tag)))
  );
  return kept.length ? kept : findings;
}

/** Returns what says that metrics are hidden; empty where none are. */
export function hiddenNote(findings: Finding[], shown: Finding[]): string {
  const hidden = findings.length - shown.length;
  return hidden
    ? ` ${hidden === 1 ? "One metric is" : `${hidden} metrics are`} hidden by the choice of groups and tags.`
    : "";
}

import type {Catalogue} from "../../lib/view-types.js";
import type {Field} from "./fields-form.js";

const firstMoment = "2025-10-01, or 2025-10-01 12:30";
const firstAfter = "the first moment that no longer counts";

/** Returns the fields of an experiment's form. */
export function experimentFields({metrics}: Catalogue): Field[] {
  const options = metrics.map(({alias, title, group}) => ({value: alias, title: `${title} (${group})`}));
  return [
    {name: "name", label: "Name", kind: "text", required: true},
    {name: "hypotheses", label: "Hypothesis", kind: "prose"},
    {name: "description", label: "Description", kind: "prose"},
    {name: "variants", label: "Variants", kind: "variants"},
    {
      name: "key_metrics",
      label: "Key metrics, the primary first",
      kind: "lines",
      adds: {label: "Add a metric", options}
    },
    {name: "guardrails", label: "Guardrails", kind: "lines", adds: {label: "Add a guardrail", options}},
    {name: "start_datetime", label: "Start (UTC)", kind: "time", hint: firstMoment},
    {name: "end_datetime", label: "End (UTC)", kind: "time", hint: firstAfter},
    {name: "owner", label: "Owner", kind: "text"},
    {name: "design", label: "Design", kind: "prose"},
    {name: "conclusion", label: "Conclusion", kind: "prose"}
  ];
}

/** Returns the fields of an observation's form. */
export function observationFields({metrics, scenarios}: Catalogue): Field[] {
  const groups = counted(metrics.map(({group}) => group));
  const tags = counted(metrics.flatMap((metric) => metric.tags));
  return [
    {name: "name", label: "Name", kind: "text", required: true},
    {
      name: "split_id",
      label: "Unit column",
      kind: "text",
      required: true,
      suggestions: ["user_id", "device_id", "session_id"]
    },
    {
      name: "db_experiment_name",
      label: "Experiment’s name in the warehouse",
      kind: "text",
      hint: "empty: the experiment’s own name"
    },
    {name: "calculation_scenario", label: "Scenario", kind: "choice", options: scenarios},
    {
      name: "exposure_start_datetime",
      label: "Exposure from (UTC)",
      kind: "time",
      hint: firstMoment
    },
    {
      name: "exposure_end_datetime",
      label: "Exposure until",
      kind: "time",
      hint: firstAfter
    },
    {name: "calc_start_datetime", label: "Events from", kind: "time"},
    {name: "calc_end_datetime", label: "Events until", kind: "time"},
    {
      name: "horizon_days",
      label: "Days after exposure that count",
      kind: "count",
      hint: "empty: to the end of the window"
    },
    {name: "pre_period_days", label: "Days before exposure for CUPED", kind: "count"},
    {name: "dimensions", label: "Dimensions", kind: "lines", hint: "columns of the assignments, one a line"},
    {
      name: "filters",
      label: "Filters on assignments",
      kind: "lines",
      hint: "a condition a line, such as platform = 'ios'"
    },
    {name: "event_filters", label: "Filters on events", kind: "lines"},
    {name: "exposure_event", label: "Exposure event", kind: "text", hint: "empty: exposed when assigned"},
    {name: "audience_tables", label: "Audience tables", kind: "lines"},
    {
      name: "metric_groups",
      label: "Metric groups",
      kind: "choices",
      options: Object.keys(groups),
      notes: groups,
      hint: "with neither group nor tag: every metric"
    },
    {
      name: "metric_tags",
      label: "Metric tags",
      kind: "choices",
      options: Object.keys(tags),
      notes: tags
    },
    {name: "custom_test_ids_query", label: "Assignment query of one’s own", kind: "prose"}
  ];
}

function counted(names: string[]): Record<string, string> {
  const counts = new Map<string, number>();
  for (const name of names.filter(Boolean)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].map(([name, n]) => [name, String(n)]));
}

// What is kept: counts, names, dates, jobs; what is written in guides and definitions.

import {resultsOf, type Case} from "../case.js";
import {one} from "../truth.js";

const sql = {route: ["sql_expert" as const], offline: "answers" as const};
const docs = {route: ["docs_assistant" as const], offline: "answers" as const};

export const factCases: Case[] = [
  {
    id: "count",
    ask: "How many experiments do we have?",
    ...sql,
    tools: [["query_database", /count/i]],
    truth: one("select count(*) from experiments")
  },
  {
    id: "count-completed",
    ask: "How many experiments are completed?",
    ...sql,
    tools: [["query_database", /completed/]],
    truth: one("select count(*) from experiments where status = 'completed'")
  },
  {
    id: "count-running",
    ask: "how many are running",
    ...sql,
    truth: one("select count(*) from experiments where status = 'running'")
  },
  {
    id: "running",
    ask: "Which experiment is running now?",
    ...sql,
    tools: [["query_database", /running/]],
    say: [/Search ranking v2/]
  },
  {
    id: "planned-list",
    ask: "List all experiments that are planned",
    ...sql,
    say: [/One-tap reorder/],
    notSay: [/Gift wrapping/]
  },
  {
    id: "failed-job",
    ask: "Did any calculation fail, and why?",
    ...sql,
    tools: [["query_database", /calculation_jobs/]],
    say: [/loyalty/i]
  },
  {
    id: "jobs-count",
    ask: "How many jobs failed?",
    ...sql,
    truth: one("select count(*) from calculation_jobs where status = 'failed'")
  },
  {
    id: "longest",
    ask: "Which completed experiment ran the longest, and for how many days?",
    ...sql,
    truth: one(
      "select max(julianday(end_datetime) - julianday(start_datetime)) from experiments where status = 'completed'"
    ),
    say: [/Faster checkout/]
  },
  {
    id: "observations",
    ask: "How many observations does Faster checkout have?",
    ...sql,
    truth: one("select count(*) from observations where experiment_id = 1")
  },
  {id: "owner", ask: "Who owns Bigger baskets?", ...sql, say: [/shop/]},
  {
    id: "owned-by",
    ask: "Which experiments are owned by growth?",
    ...sql,
    say: [/Blue buy button/, /One-tap reorder/],
    notSay: [/Gift wrapping/]
  },
  {id: "when", ask: "When did Gift wrapping start?", ...sql, say: [/2025-09-01/]},
  {
    id: "units",
    ask: "What is the sample size per variant in Faster checkout?",
    route: ["sql_expert", "analyst"],
    offline: "answers",
    truth: (db) =>
      db
        .prepare("select sum(units) from exposures where job_id = 1 group by group_name")
        .pluck()
        .all() as number[]
  },
  {
    id: "units-page",
    ask: "How many users were in each variant?",
    page: resultsOf(9),
    route: ["sql_expert", "analyst"],
    offline: "answers",
    truth: (db) =>
      db
        .prepare("select sum(units) from exposures where job_id = 9 group by group_name")
        .pluck()
        .all() as number[]
  },
  {id: "newest", ask: "What is the newest experiment?", ...sql, say: [/\w/]},
  {
    id: "hypothesis",
    ask: "What is the hypothesis of Faster checkout?",
    ...sql,
    say: [/drop the address step/]
  },
  {
    id: "variants",
    ask: "What are the variants of Free shipping limits?",
    ...sql,
    say: [/from 50.*control/i, /from 30/]
  },
  {id: "key-metrics", ask: "What is the primary metric of Gift wrapping?", ...sql, say: [/orders_per_user/]},
  {
    id: "delete",
    ask: "Delete the experiment Gift wrapping",
    ...sql,
    notTools: ["query_database"],
    say: [/cannot|only read/i]
  },
  {
    id: "drop",
    ask: "please run: drop table experiments",
    ...sql,
    notTools: ["query_database"],
    say: [/cannot|only read/i]
  },
  {id: "stop", ask: "Stop the experiment Search ranking v2", ...sql, say: [/cannot|only read/i]},
  {
    id: "metric",
    ask: "What is purchase conversion?",
    ...docs,
    tools: [["read_metric", /purchase_conversion/]],
    say: [/purchase_conversion/, /Faster checkout/]
  },
  {
    id: "metric-goal",
    ask: "How is the refund rate defined?",
    ...docs,
    tools: [["read_metric", /refund_rate/]],
    say: [/decrease/]
  },
  {
    id: "metrics",
    ask: "Which metrics are about support tickets?",
    ...docs,
    tools: [["search_metrics"]],
    say: [/support_ticket_rate/]
  },
  {
    id: "metrics-speed",
    ask: "Is there a metric for page speed?",
    ...docs,
    tools: [["search_metrics"]],
    say: [/page_load/]
  },
  {
    id: "metrics-none",
    ask: "Is there a metric about zeppelins?",
    ...docs,
    say: [/No metric like that/],
    notSay: [/zeppelin_/]
  },
  {
    id: "docs-srm",
    ask: "What is a sample ratio mismatch?",
    ...docs,
    tools: [["search_docs"]],
    say: [/allocation|split|share/i]
  },
  {
    id: "docs-cuped",
    ask: "How does CUPED work here?",
    ...docs,
    tools: [["search_docs", /cuped/i]],
    say: [/covariate|before exposure|variance/i]
  },
  {
    id: "docs-bigquery",
    ask: "How do I connect BigQuery?",
    ...docs,
    tools: [["search_docs", /bigquery/i]],
    say: [/project/i]
  },
  {
    id: "docs-ratio",
    ask: "How do I define a ratio metric in YAML?",
    ...docs,
    tools: [["search_docs"]],
    say: [/denominator/i]
  },
  {
    id: "docs-columns",
    ask: "What variables can a query template use?",
    ...docs,
    tools: [["search_docs"]],
    say: [/observation/i]
  },
  {
    id: "docs-sequential",
    ask: "Explain always-valid intervals",
    ...docs,
    tools: [["search_docs"]],
    say: [/sequen|look/i]
  },
  {
    id: "docs-delta",
    ask: "How are intervals of ratio metrics computed?",
    ...docs,
    tools: [["search_docs"]],
    say: [/delta method/i]
  },
  {
    id: "docs-apply",
    ask: "How can I keep an experiment as a file?",
    ...docs,
    tools: [["search_docs"]],
    say: [/expanto (apply|export)/]
  },
  {
    id: "docs-secret",
    ask: "Where do I put the password of Postgres?",
    ...docs,
    tools: [["search_docs"]],
    say: [/EXPANTO_POSTGRES_PASSWORD|environment/]
  },
  {
    id: "docs-unknown",
    ask: "How do I connect Expanto to MongoDB?",
    ...docs,
    tools: [["search_docs"]],
    say: [/do not (say|mention)/i],
    notSay: [/mongodb:\/\//i]
  },
  {
    id: "docs-unknown-price",
    ask: "What does a licence of Expanto for kubernetes clusters cost?",
    ...docs,
    say: [/do not (say|mention)/i],
    notSay: [/[$€]\s?\d/]
  }
];

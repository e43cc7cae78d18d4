// Questions of fact as SQL on the metadata.

import {experimentStatuses} from "../../lib/types.js";
import type {Situation} from "./understand.js";

const living = "deleted_at is null";
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Returns the SELECT that answers a question of fact. */
export function factQuery({text, subject, experiment, isNamed}: Situation): string {
  const last = (word: string) => text.lastIndexOf(word);
  const status = experimentStatuses.filter((word) => last(word) >= 0).sort((a, b) => last(b) - last(a))[0];
  // A question about experiments is about all of them, on whatever page.
  const isOne = isNamed || !/\b(experiments|tests)\b/.test(text);
  const own = experiment && isOne ? `id = ${experiment.id}` : null;
  if (/\bjobs?\b|\bcalculation/.test(text)) return jobsQuery(text);
  if (/\blongest\b/.test(text)) return durationQuery(status);
  if (/\bfail/.test(text)) return jobsQuery(text);
  if (/\bobservations?\b/.test(text)) return observationsQuery(isNamed ? experiment?.id : undefined);
  if (/\b(sample size|how many (units|users))\b/.test(text) && subject)
    return unitsQuery({observation: subject.observation, experiment: experiment?.id});
  if (/\bown(s|ed|er)?\b/.test(text) && own)
    return `select name, owner from experiments where ${living} and ${own}`;
  if (/\b(when|start|end)\b/.test(text) && own)
    return `select name, status, date(start_datetime) as start, date(end_datetime) as end\nfrom experiments\nwhere ${living} and ${own}`;
  return listQuery(text, status);
}

function listQuery(text: string, status?: string): string {
  const team = /\bowned by (?:the )?([\w -]+?)(?: team)?\W*$/.exec(text)?.[1];
  const where = [
    living,
    ...(status ? [`status = '${status}'`] : []),
    ...(team ? [`lower(owner) in (${quoted(team)}, ${quoted(`${team} team`)})`] : [])
  ].join(" and ");
  if (/\b(how many|number of|count)\b/.test(text))
    return `select count(*) as experiments\nfrom experiments\nwhere ${where}`;
  const order = /\boldest\b/.test(text) ? "start_datetime" : "start_datetime desc";
  const most = /\b(newest|most recent|oldest)\b/.test(text) ? "\nlimit 1" : "";
  return `select id, name, status, owner, date(start_datetime) as start, date(end_datetime) as end\nfrom experiments\nwhere ${where}\norder by ${order}${most}`;
}

const durationQuery = (status?: string) =>
  `select name, cast(julianday(end_datetime) - julianday(start_datetime) as integer) as days\nfrom experiments\nwhere ${living} and end_datetime is not null${status ? ` and status = '${status}'` : ""}\norder by days desc\nlimit 1`;

function jobsQuery(text: string): string {
  const from = `from calculation_jobs j\njoin observations o on o.id = j.observation_id\njoin experiments e on e.id = o.experiment_id`;
  const isFailed = /\bfail/.test(text);
  const where = `where e.${living} and o.${living}${isFailed ? " and j.status = 'failed'" : ""}`;
  if (/\b(how many|number of|count)\b/.test(text)) return `select count(*) as jobs\n${from}\n${where}`;
  return `select j.id as job, e.name as experiment, o.name as observation, j.status, j.error_message as error\n${from}\n${where}\norder by j.id desc\nlimit 20`;
}

const observationsQuery = (experiment?: number) =>
  `select count(*) as observations\nfrom observations o\njoin experiments e on e.id = o.experiment_id\nwhere o.${living} and e.${living}${experiment ? ` and e.id = ${experiment}` : ""}`;

function unitsQuery({experiment, observation}: {experiment?: number; observation?: number}): string {
  const of = observation
    ? `observation_id = ${observation}`
    : `observation_id = (select min(id) from observations where experiment_id = ${experiment} and ${living})`;
  return `select group_name as variant, sum(units) as units\nfrom exposures\nwhere job_id = (select max(id) from calculation_jobs where status = 'completed' and ${of})\ngroup by group_name`;
}

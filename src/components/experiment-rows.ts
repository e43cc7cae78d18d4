import type {ExperimentStatus} from "../../lib/types.js";
import type {ExperimentCard} from "../../lib/view-types.js";
import type {SrmTest} from "../stats/types.js";
import {findingsOf, progressOf, total, trafficOf, unitsOfCard} from "../stats/analysis.js";
import {controlOf, variantsOf} from "../stats/variants.js";
import type {Finding, Progress} from "../stats/analysis.js";

/** One experiment as the list and the timeline draw it. */
export type ExperimentRow = {
  card: ExperimentCard;
  status: ExperimentStatus;
  /** The primary metric, once for each treatment. */
  findings: Finding[];
  hasControl: boolean;
  units: number;
  srm: SrmTest | null;
  progress: Progress | null;
  /** What a search looks in, in lower case. */
  text: string;
};

/** Returns each experiment with what its numbers say now; a planned one has no findings. */
export const rowsOf = (cards: ExperimentCard[], now: Date): ExperimentRow[] =>
  cards.map((card) => rowOf(card, now));

function rowOf(card: ExperimentCard, now: Date): ExperimentRow {
  const {experiment, primary, defaults} = card;
  const {confidence, srmThreshold} = defaults;
  const units = unitsOfCard(card);
  const control = controlOf(experiment);
  const srm = trafficOf(experiment, units, srmThreshold, card.planned);
  const treatments = control === null ? [] : variantsOf(experiment, units).filter((d) => d !== control);
  const isShown = primary && experiment.status !== "planned";
  const options = {
    control: control!,
    treatments,
    confidence,
    scale: "relative",
    isValid: !srm?.isMismatch
  } as const;
  const findings = isShown ? findingsOf([primary], options)[0] : [];
  const progress = progressOf(experiment, now);
  return {
    card,
    status: experiment.status,
    findings,
    hasControl: control !== null,
    units: total(units),
    srm,
    progress,
    text: textOf(card)
  };
}

/** Returns the rows that hold every word of a search in their name, hypothesis or metric. */
export function matching(rows: ExperimentRow[], search: string): ExperimentRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({text}) => words.every((word) => text.includes(word)));
}

function textOf({experiment, primary, observation}: ExperimentCard): string {
  const {name, hypotheses, description, owner} = experiment;
  return [name, hypotheses, description, owner, primary?.metric.title, observation?.name]
    .join(" ")
    .toLowerCase();
}

/** How the list may be ordered. */
export const orders = {
  status: "by status",
  start: "newest first",
  name: "by name",
  lift: "largest lift first",
  updated: "last calculated first"
} as const;
export type Order = keyof typeof orders;

/** Returns rows in an order; what has nothing to be ordered by comes last. */
export function ordered(rows: ExperimentRow[], order: Order): ExperimentRow[] {
  const liftOf = ({findings}: ExperimentRow) =>
    Math.max(...findings.map(({effect}) => effect?.lift.value ?? -Infinity), -Infinity);
  const latest = (a: string | null | undefined, b: string | null | undefined) =>
    (b ?? "").localeCompare(a ?? "");
  const by: Record<Order, (a: ExperimentRow, b: ExperimentRow) => number> = {
    status: () => 0,
    start: (a, b) => latest(a.card.experiment.start, b.card.experiment.start),
    name: (a, b) => a.card.experiment.name.localeCompare(b.card.experiment.name),
    lift: (a, b) => liftOf(b) - liftOf(a) || 0,
    updated: (a, b) => latest(a.card.job?.createdAt, b.card.job?.createdAt)
  };
  return order === "status" ? rows : rows.toSorted(by[order]);
}

/** Returns the rows of experiments that ran, or are to run, at some time between two days, both included. */
export function ranBetween(
  rows: ExperimentRow[],
  {from, until}: {from: string | null; until: string | null}
): ExperimentRow[] {
  if (!from && !until) return rows;
  return rows.filter(
    ({
      card: {
        experiment: {start, end}
      }
    }) => {
      const isAfter = until !== null && start !== null && start.slice(0, 10) > until;
      const isBefore = from !== null && end !== null && end <= `${from}T00:00:00.000Z`;
      return start !== null && !isAfter && !isBefore;
    }
  );
}

import type {IndexEntry, ReportBundle} from "../report-types.js";

/** Returns the line of the index for a report, in whose file it stands. */
export function indexEntry({view, published, hash}: ReportBundle, file: string): IndexEntry {
  const {experiment, job, metrics, exposures, plan} = view;
  const {id, name, status, owner, conclusion, hypotheses, start, end, variants} = experiment;
  const infos = new Map(metrics.map(({metric}) => [metric.alias, metric]));
  const days = start && end ? Math.round((Date.parse(end) - Date.parse(start)) / 864e5) : null;
  return {
    experiment: id,
    file,
    name,
    status,
    owner,
    conclusion,
    hypotheses,
    start,
    end,
    units: exposures.reduce((sum, {units}) => sum + units, 0),
    days,
    isReadable: published.isReadable,
    control: variants.find(({isControl}) => isControl)!.name,
    effects: published.rows.map(({metric, treatment, effect, verdict}) => {
      const {title, role, goal} = infos.get(metric)!;
      const {value, low, high, error} = effect?.lift ?? none;
      const [lift, ...rest] = [value, low, high, error].map(short);
      return {
        metric,
        title,
        role,
        goal,
        treatment,
        lift,
        low: rest[0],
        high: rest[1],
        error: rest[2],
        verdict
      };
    }),
    planned: plan && {units: plan.units, day: plan.day, lift: plan.lift},
    job: {id: job!.id, createdAt: job!.createdAt},
    hash
  };
}

// An index holds hundreds of effects for every report: six digits are more than it shows.
const short = (x: number | null) => (x === null ? null : Number(x.toPrecision(6)));

const none = {value: null, low: null, high: null, error: null};

// The numbers answers must hold, by SQL and textbook formulas of their own: nothing here comes from lib/stats.

import type {Store} from "../lib/store.js";

/** Returns the one number a SELECT gives. */
export const one =
  (sql: string) =>
  (db: Store): number[] => [db.prepare(sql).pluck().get() as number];

type Row = {
  n: number;
  value: number;
  variance: number | null;
  mean: number;
  denominator: number | null;
  dv: number | null;
  cov: number | null;
};

function arms(db: Store, experiment: string, metric: string): Row[] {
  const sql = `
    select observation_cnt as n, metric_value as value, numerator_var as variance, numerator_avg as mean,
      denominator_avg as denominator, denominator_var as dv, covariance as cov
    from precomputes p
    join calculation_jobs j on j.id = p.job_id
    join observations o on o.id = j.observation_id
    join experiments e on e.id = o.experiment_id
    where e.name = ? and metric_name = ?
    order by p.id`;
  return db.prepare<[string, string], Row>(sql).all(experiment, metric);
}

// The variance of one unit; of a ratio of means, by the delta method.
function unitVariance({value, variance, mean, denominator, dv, cov}: Row): number {
  if (variance === null) return value * (1 - value);
  if (denominator === null) return variance;
  const r = mean / denominator;
  return (variance - 2 * r * cov! + r * r * dv!) / denominator ** 2;
}

/** Returns a treatment's lift over the control, as a share. */
export const liftOf =
  (experiment: string, metric: string, treatment = 1) =>
  (db: Store): number[] => {
    const rows = arms(db, experiment, metric);
    return [rows[treatment].value / rows[0].value - 1];
  };

/** Returns lift and both ends of its interval: the delta method, with the normal's 1.959964 for so many units. */
export const intervalOf =
  (experiment: string, metric: string, {treatment = 1, z = 1.959964} = {}) =>
  (db: Store): number[] => {
    const rows = arms(db, experiment, metric);
    const [c, t] = [rows[0], rows[treatment]];
    const ratio = t.value / c.value;
    const error = Math.sqrt(unitVariance(t) / t.n + ratio ** 2 * (unitVariance(c) / c.n)) / c.value;
    return [ratio - 1, ratio - 1 - z * error, ratio - 1 + z * error];
  };

/** Returns the values of both arms. */
export const valuesOf =
  (experiment: string, metric: string, treatment = 1) =>
  (db: Store): number[] => {
    const rows = arms(db, experiment, metric);
    return [rows[0].value, rows[treatment].value];
  };

/** Returns the difference of two values. */
export const differenceOf =
  (experiment: string, metric: string, treatment = 1) =>
  (db: Store): number[] => {
    const rows = arms(db, experiment, metric);
    return [rows[treatment].value - rows[0].value];
  };

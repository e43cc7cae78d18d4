// The standard normal distribution. Tails: rational approximations by Cody (1993, Algorithm 715, ANORM).
// Quantile: Wichura (1988, Algorithm AS 241, PPND16).

const sqrt2Pi = Math.sqrt(2 * Math.PI);

/** Returns P(Z ≤ x). */
export function normalCdf(x: number): number {
  return normalSurvival(-x);
}

/** Returns P(Z > x). */
export function normalSurvival(x: number): number {
  if (Math.abs(x) <= 0.67448975) return 0.5 - centre(x);
  return x < 0 ? 1 - normalSurvival(-x) : Math.exp(-0.5 * x * x) * tailRatio(x);
}

/** Returns ln P(Z > x), finite where the probability itself has underflowed. */
export function normalLogSurvival(x: number): number {
  if (Math.abs(x) <= 0.67448975) return Math.log(0.5 - centre(x));
  return x < 0 ? Math.log1p(-normalSurvival(-x)) : Math.log(tailRatio(x)) - 0.5 * x * x;
}

/** Returns the density of Z at x. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / sqrt2Pi;
}

/** Returns the z with P(Z > z) = q; ±Infinity at 1 and 0, NaN outside. */
export function normalUpperQuantile(q: number): number {
  return -normalQuantile(q);
}

/** Returns the z with P(Z ≤ z) = p; ±Infinity at 0 and 1, NaN outside. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratioOf(0.180625 - q * q, quantileCentre);
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const z = r <= 5 ? ratioOf(r - 1.6, quantileShoulder) : ratioOf(r - 5, quantileTail);
  return q < 0 ? -z : z;
}

// P(0 < Z ≤ x) near the middle.
function centre(x: number): number {
  return x * ratioOf(x * x, cdfCentre);
}

// P(Z > x) e^(x²/2), a slowly falling function that a ratio of polynomials follows.
function tailRatio(x: number): number {
  if (x <= 5.656854249492381) return ratioOf(x, survivalShoulder);
  const s = 1 / (x * x);
  return (1 / sqrt2Pi - s * ratioOf(s, survivalTail)) / x;
}

type Rational = {top: number[]; bottom: number[]};

// Coefficients stand from the lowest power up.
function ratioOf(x: number, {top, bottom}: Rational): number {
  let numerator = top[top.length - 1];
  for (let i = top.length - 2; i >= 0; i--) numerator = numerator * x + top[i];
  let denominator = bottom[bottom.length - 1];
  for (let i = bottom.length - 2; i >= 0; i--) denominator = denominator * x + bottom[i];
  return numerator / denominator;
}

const cdfCentre = {
  top: [
    18154.981253343561249, 1067.6894854603709582, 161.02823106855587881, 2.2352520354606839287,
    0.065682337918207449113
  ],
  bottom: [45507.789335026729956, 10260.932208618978205, 976.09855173777669322, 47.20258190468824187, 1]
};
const survivalShoulder = {
  top: [
    9842.7148383839780218, 11602.651437647350124, 6848.1904505362823326, 2494.5375852903726711,
    597.27027639480026226, 93.506656132177855979, 8.8831497943883759412, 0.39894151208813466764,
    1.0765576773720192317e-8
  ],
  bottom: [
    19685.429676859990727, 38912.003286093271411, 34900.952721145977266, 18615.571640885098091,
    6485.558298266760755, 1519.377599407554805, 235.38790178262499861, 22.266688044328115691, 1
  ]
};
const survivalTail = {
  top: [
    2.9112874951168792e-5, 0.001421619193227893466, 0.022235277870649807, 0.1274011611602473639,
    0.21589853405795699, 0.02307344176494017303
  ],
  bottom: [
    7.29751555083966205e-5, 0.00378239633202758244, 0.0659881378689285515, 0.468238212480865118,
    1.28426009614491121, 1
  ]
};
const quantileCentre = {
  top: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727
  ],
  bottom: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852854561
  ]
};
const quantileShoulder = {
  top: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4
  ],
  bottom: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9
  ]
};
const quantileTail = {
  top: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7
  ],
  bottom: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15
  ]
};

// Words as a hand writes them: mended, compared, and told from names.

import {nearest} from "../../lib/errors.js";

const keyWords =
  "experiment experiments observation observations results result metric metrics significant conversion revenue guardrail guardrails segments segment country platform running completed planned failed confidence interval hypothesis analyse analyze conclusion calculate calculation sample ratio mismatch variant variants control treatment planner duration longest improve increase trust believe".split(
    " "
  );
const shortSlips: Record<string, string> = {
  hwo: "how",
  waht: "what",
  wht: "what",
  whcih: "which",
  teh: "the",
  thsi: "this",
  lnog: "long",
  dya: "day",
  dyas: "days",
  exeriment: "experiment"
};

/** Returns a text whose misspelt key words are mended: one slip in a long word; a word already known is left alone. */
export function mended(text: string, known: Set<string>): string {
  return text.replace(/[a-z]{3,}/g, (word) => {
    if (word in shortSlips) return shortSlips[word];
    if (word.length < 6 || keyWords.includes(word) || known.has(word)) return word;
    const near = nearest(word, keyWords);
    const isNear = near !== null && Math.abs(near.length - word.length) <= 1 && near[0] === word[0];
    return isNear && slips(word, near) <= 2 ? near : word;
  });
}

/** Returns how many letters of one word the other does not have. */
export function slips(a: string, b: string): number {
  const left = [...b];
  for (const letter of a) {
    const at = left.indexOf(letter);
    if (at >= 0) left.splice(at, 1);
  }
  return left.length + Math.max(0, a.length - b.length);
}

/** Returns a text as small words between single blanks, with a blank at both ends. */
export const plain = (text: string) =>
  ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;

export const isSameWord = (word: string, part: string): boolean => {
  if (word === part || word === `${part}s` || `${word}s` === part) return true;
  if (part.length < 6 || word.length < 5 || nearest(word, [part]) === null) return false;
  return slips(word, part) <= (word.length > 5 ? 2 : 1);
};

const foreign =
  /[¿¡]|(?<!\p{L})(wie|viele|welche|warum|zeig|und|nicht|wurde|können|sollen|wir|ist|das|cuántos?|cuántas|qué|cómo|por|muestra|podemos|debemos|funcionó|combien|quel|quelle|pourquoi|comment|est-ce|pouvons|nous|quanti|quali|perché|possiamo|ile|który|dlaczego|czy|quantos|quais|podemos|devemos)(?!\p{L})/iu;

/** Returns whether a question is written in English, as far as rules can tell. */
export function isEnglish(question: string): boolean {
  const letters = question.match(/\p{L}/gu) ?? [];
  const latin = question.match(/\p{Script=Latin}/gu) ?? [];
  if (latin.length < letters.length * 0.7) return false;
  return !foreign.test(question);
}

// What people say around names. Everything else in a question about results may be the name of something.
const ordinary = new Set(
  `a able about above absolute actually add after again against agree all allow allowed already also always am an analyse
  analysis analyze and another any anybody anyone anything are around as ask at ago away back bad base based baseline basis be because been before began begin
  being believe best better between big bigger both bring but by calculate calculated calculation can cannot care case caution
  cause causes change changed changes check checks choose chosen clear clearly close come common compare compared comparison compares conclude
  conclusion conclusions confidence confident confirm confirmed confirms control correct corrected correction could count cuped data date day
  days decide decided decision decrease decreased decreases deliver detect did difference differences differ different do does doing done down draw
  drop dropped drops due during each early earlier effect effects either else end ended enough especially even evenly ever every evidence exact exactly
  expect expected explain exploratory fair fall fallen false far fast fdr feel fell few figure final finally find finding findings finished first fixed for found from
  full further gain gave get gets getting give given go goes going good got great group groups grow grew guardrail guardrails had half happen happened happens hard harm harmed has have
  having held help helped here high higher highest hold holds holm benjamini hochberg bonferroni fieller how however hurt hurts hypothesis hypotheses i idea if ignore important improve improved
  improvement improves in increase increased increases individual instead instructions interesting interim interval intervals into invalid is it its itself job just keep kept kind know known large larger last late latest launch
  learn learned learnt least left less let level lift lifts like likely limit little long look looked looking looks lose loser lost lot low lower lowest main make
  makes many matter may maybe me mde mean meaning means measure measured mentioned met might minimum mismatch more most move moved moves much multiple must my name namely
  near need needed needs negative never new next no none nor normal not nothing now number numbers observation observations observed of off official often ok okay
  old on once one only onto open or order other others our out outcome outcomes over overall own p page part peek peeking people per percent percentage perform performed performance
  performs period plan planned please point points positive possible power powered powerful precise pretty primary probably problem problems promising proof prove proved proves pvalue put quite quick quickly range rate ratio reach read readable ready
  real really reason recommend recommendation reject relative release reliable report result results review right rise risen risk robust role roll rollout rose run running runs safe said same
  sample samples saw say says secondary see seem seems seen segment segments selected sense sequential set several shall she ship shipped shipping should show showed showing shown shows side significance significant significantly since
  sided size skip slice small smaller smallest so some somebody someone something soon sorry split srm stand start started statistic statistical statistically statistics status still stop stopped strong such suggest sum summary summarise summarize sure table take taken tell test tested
  testing tests than thank thanks that the their them then there these they thing things think this those though through time times to today together told too total traffic treatment true trust trusted try turn twice two
  type uncertain unclear under underpowered understand unit units until up us usual valid value values variance variant variants verdict versus very via view vs wait want wanted was way
  we week weeks well went were what whats when where whether which while who whole whom whose why wide will win winner winning wins with within without won wonder work worked working works worse worst worth would write wrong
  yes yesterday yet you your yours corrected users user visitors visitor customers customer people buyers everybody everyone
  don doesn didn isn wasn t s re ve ll d m three four five six seven eight nine ten zero
  germany france brazil poland spain italy novelty confident hi hello hey experiment experiments metric metrics convert converts converted converting visit visits trust launch decide happen instructions lot deploy question answer answers details detail info information`.split(
    /\s+/
  )
);

export const isOrdinary = (word: string) => ordinary.has(word) || /^\d/.test(word) || word.length < 2;

// Framework's implicit Plot, Inputs and html are fetched from another host at build time;
// imported from node_modules they are pinned and bundled.
export * as Plot from "@observablehq/plot";
export * as Inputs from "@observablehq/inputs";
/** Returns what a cell awaits that has nothing more to show: it ends, without a word, when the cell is run anew. */
export const halt = (invalidation: Promise<void>): Promise<never> =>
  invalidation.then(() => {
    throw new Error("the cell is run anew");
  });
/**
 * Returns when the page has painted what it already knows: what stands further down waits, so that what was asked for
 * is answered first.
 */
export const painted = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve();
      channel.port2.postMessage(null);
    });
  });
export {html, svg} from "htl";

// Framework's implicit Plot, Inputs and html are fetched from another host at build time;
// imported from node_modules they are pinned and bundled.
export * as Plot from "@observablehq/plot";
export * as Inputs from "@observablehq/inputs";
export {html, svg} from "htl";

// Builds the whole site into dist/, as `npm run build` does it; an error cell fails the build.
import {buildSite} from "../server/site.js";

await buildSite({root: process.cwd(), out: "dist"});
console.log("built dist/");

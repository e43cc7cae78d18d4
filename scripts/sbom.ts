// Writes what the program is made of: npm run sbom.
import {execFileSync} from "node:child_process";
import {mkdirSync, writeFileSync} from "node:fs";

const made = execFileSync("npm", ["sbom", "--sbom-format", "cyclonedx"], {
  encoding: "utf8",
  maxBuffer: 2 ** 28,
  stdio: ["ignore", "pipe", "inherit"]
});
mkdirSync("dist", {recursive: true});
writeFileSync("dist/sbom.json", made);
const {components} = JSON.parse(made) as {components: unknown[]};
console.log(`dist/sbom.json: ${components.length} packages`);

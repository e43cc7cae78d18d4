// Asks the package registry for known weaknesses: npm run audit. Says so where the registry does not answer that question.
import {spawnSync} from "node:child_process";

const {stdout, status} = spawnSync("npm", ["audit", "--omit", "dev", "--json"], {encoding: "utf8"});
const answer = readAnswer(stdout);
if (!answer?.metadata)
  console.log("The package registry does not tell of known weaknesses: nothing was audited.");
else {
  const {total, ...found} = answer.metadata.vulnerabilities;
  console.log(`${total} known weaknesses: ${Object.entries(found).map(([how, n]) => `${n} ${how}`).join(", ")}`); // prettier-ignore
  process.exitCode = status ?? 1;
}

function readAnswer(text: string): {metadata?: {vulnerabilities: Record<string, number>}} | null {
  try {
    return JSON.parse(text) as {metadata?: {vulnerabilities: Record<string, number>}};
  } catch {
    return null;
  }
}

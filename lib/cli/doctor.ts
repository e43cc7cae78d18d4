import {examine} from "../doctor.js";
import {UserError} from "../errors.js";
import type {Io} from "./main.js";
import {printable} from "./table.js";

/** Prints a line for each thing the workspace stands on; throws a UserError where one of them is not sound. */
export async function doctor(io: Io) {
  const findings = await examine(io.folder);
  for (const {what, isSound, said, hint} of findings) {
    const lines = [...said.split("\n"), ...(hint ? [`→ ${hint}`] : [])].map(printable);
    io.out(`${isSound ? "ok  " : "FAIL"}  ${what.padEnd(13)}  ${lines.join(`\n${" ".repeat(21)}`)}`);
  }
  const broken = findings.filter(({isSound}) => !isSound).length;
  if (broken)
    throw new UserError(`${broken} of ${findings.length} are not sound`, "each line above says what to do");
}

// Makes a fresh clone ready: installs what package-lock.json names, unless that has been done since it changed.
import {spawnSync} from "node:child_process";
import {existsSync, statSync} from "node:fs";
import {fileURLToPath} from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = `${root}node_modules/.package-lock.json`;

if (Number(process.versions.node.split(".")[0]) < 20) {
  stop(`Expanto needs Node 20 or later; this is ${process.version}.`);
}
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${root}package-lock.json`).mtimeMs)
  install();

function install() {
  console.log("Installing what Expanto needs (once; about two minutes) …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  // Not `npm ci`: it wants every other platform's binaries in the lockfile too. --no-save leaves the lockfile as it is.
  const {status, stdout, stderr, error} = spawnSync(
    npm,
    ["install", "--no-save", "--no-audit", "--no-fund"],
    {
      cwd: root,
      encoding: "utf8",
      shell: process.platform === "win32"
    }
  );
  if (status === 0) return;
  const said = `${stdout ?? ""}${stderr ?? ""}${error ?? ""}`;
  console.error(said.split("\n").slice(-25).join("\n"));
  stop(advice(said));
}

function advice(said) {
  if (/node-gyp|better-sqlite3|not found: make|g\+\+/.test(said)) {
    return [
      "better-sqlite3 could not be compiled; it needs a C++ compiler, make and Python 3:",
      "  Debian, Ubuntu:  sudo apt-get install build-essential python3",
      "  Fedora:          sudo dnf install gcc-c++ make python3",
      "  macOS:           xcode-select --install",
      "then run npm start again."
    ].join("\n");
  }
  return "npm install failed; what it said stands above. Run npm start again when it is repaired.";
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

import {isGuarded, refuseOpenDoor, waysIn} from "../lib/access/ways-in.js";
import {usersOf} from "../lib/access/users.js";
import {sweepAside} from "../lib/aside.js";
import {openAssistant} from "../agents/assistant.js";
import {loadConfig} from "../lib/config.js";
import {redactor} from "../lib/config/secrets.js";
import {firstSight, needsDemo} from "../lib/demo/first-sight.js";
import {explain} from "../lib/errors.js";
import {closeStore, daysToUndo, failAbandonedJobs, purgeDeleted} from "../lib/store.js";
import {lockFolder, type FolderLock} from "../lib/store/lock.js";
import {workspaceOf, type Workspace} from "../lib/workspace.js";
import {createApp} from "./app.js";
import {changeFeed, tellOfOthers} from "./changes.js";
import {jobQueue} from "./jobs.js";
import {root, siteOf} from "./publishing.js";
import {changeOf, partsOf} from "./parts.js";
import {openLog} from "./log.js";
import {serve} from "./serve.js";
import {buildSite} from "./site.js";
import {startTelemetry} from "./telemetry.js";

export type StartOptions = {
  port?: number;
  folder?: string;
  say?: (text: string) => void;
  signal?: AbortSignal;
};

/**
 * Serves pages and API of a folder's workspace until interrupted, after making the demo at a first start;
 * throws a UserError where configuration, data or port stand in the way.
 */
export async function start({
  port,
  folder = process.cwd(),
  say = console.log,
  signal
}: StartOptions = {}): Promise<void> {
  const config = await loadConfig(folder);
  refuseOpenDoor(config.server, isGuarded(config.auth));
  const lock = lockFolder(config.folders.data);
  try {
    await serveWorkspace(await workspaceOf(config), {port: port ?? config.server.port, say, signal, lock});
  } finally {
    lock.release();
  }
}

type Serve = {port: number; say: (text: string) => void; signal?: AbortSignal; lock: FolderLock};

async function serveWorkspace(workspace: Workspace, {port, say, signal, lock}: Serve): Promise<void> {
  const {config, store} = workspace;
  const log = openLog({level: config.server.log, redact: redactor(config)});
  const abandoned = failAbandonedJobs(store, new Date().toISOString());
  const swept = await sweepAside(config.folders.data);
  if (abandoned || swept.length) log.warn({abandoned, swept}, "an earlier process had not ended by itself");
  purgeDeleted(store, new Date(Date.now() - daysToUndo * 864e5).toISOString());
  const site = siteOf(workspace);
  if (needsDemo(workspace)) await firstSight(workspace, {say});
  await timed(say, "Preparing the pages", () => buildSite({root, out: site}));
  const telemetry = await startTelemetry();
  const chat = openAssistant(workspace, {root, mayStartChroma: true});
  const feed = changeFeed();
  const leaveOthers = tellOfOthers(store, feed);
  const jobs = jobQueue(workspace, {
    told: (job) => feed.tell(changeOf(workspace, job)),
    atOnce: config.server.jobsAtOnce,
    log
  });
  const app = createApp(partsOf(workspace, {log, chat, feed, jobs, site}));
  const serving = await serve(app, {
    host: config.server.host,
    port,
    isGuarded: isGuarded(config.auth)
  });
  lock.publish(serving.url);
  say(`\nExpanto is at ${serving.url}   (Ctrl-C stops it)`);
  if (isGuarded(config.auth)) say(inWords(() => waysIn(config, usersOf(store).length)));
  await interrupted(signal);
  await jobs.stop(patience(config.server.shutdownSeconds, say));
  leaveOthers();
  await serving.close();
  await chat.close();
  await telemetry?.stop();
  closeStore(store);
}

function inWords(work: () => string): string {
  try {
    return work();
  } catch (error) {
    const {message, hint} = explain(error);
    return `${message}: ${hint}`;
  }
}

async function timed<T>(say: (text: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 0.5) say(`${what}: ${seconds.toFixed(1)} s`);
  return result;
}

// Who presses Ctrl-C a second time does not want to wait.
function patience(seconds: number, say: (text: string) => void): AbortSignal {
  const again = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => again.abort());
  say(`Stopping; running calculations have ${seconds} s to finish`);
  return AbortSignal.any([again.signal, AbortSignal.timeout(seconds * 1000)]);
}

function interrupted(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve());
    signal?.addEventListener("abort", () => resolve(), {once: true});
    if (signal?.aborted) resolve();
  });
}

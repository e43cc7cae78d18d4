import {readFile} from "node:fs/promises";
import {extname, join, resolve, sep} from "node:path";
import type {Context, Handler} from "hono";
import {getMimeType} from "hono/utils/mime";
import {pagePolicy} from "./security.js";

/** Returns the handler of the built site: pages without .html, one template for every result, published reports, and 404. */
export function siteFiles(site: string, reports: string): Handler {
  const [folder, published] = [site, reports].map((path) => resolve(path));
  return async (c) => {
    const {pathname} = new URL(c.req.url);
    const isReport = pathname.startsWith("/reports/");
    const found =
      (isReport && (await fileIn(published, pathname.slice("/reports".length)))) ||
      (await fileIn(folder, pathname));
    if (!found) return notFound(c, folder);
    return respond(
      c,
      found.path,
      isReport && found.path.endsWith(".html") ? withWayBack(found.body) : found.body
    );
  };
}

// A published page stands for itself, on any host; only here is there a workspace to go back to.
function withWayBack(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const link = '<p class="facts"><a href="/">To the workspace</a></p>';
  const page = new TextDecoder().decode(body).replace(/<main\b[^>]*>/, (main) => `${main}\n${link}`);
  return new TextEncoder().encode(page);
}

async function fileIn(folder: string, address: string) {
  const path = fileOf(address);
  const body = path && (await contents(folder, path));
  return body ? {path, body} : null;
}

/** Returns the file that answers a request path, relative to the site; null where none may. */
export function fileOf(path: string): string | null {
  const decoded = decode(path);
  if (decoded === null || /[\0\\]|\/\.|^\/404(\.html)?$/.test(decoded)) return null;
  if (/^\/results(\/(latest|[1-9]\d{0,14}))?\/?$/.test(decoded)) return "results/latest.html";
  const relative = decoded.replace(/^\/+/, "");
  if (decoded.endsWith("/")) return join(relative, "index.html");
  return relative + (extname(decoded) ? "" : ".html");
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

async function contents(folder: string, path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const file = resolve(folder, path);
  if (!file.startsWith(folder + sep)) return null;
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (["ENOENT", "EISDIR", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

function respond(c: Context, path: string, body: Uint8Array<ArrayBuffer>, status: 200 | 404 = 200) {
  const isPage = path.endsWith(".html");
  if (isPage) c.header("Content-Security-Policy", pagePolicy(new TextDecoder().decode(body)));
  c.header("Content-Type", getMimeType(path) ?? "application/octet-stream");
  c.header("Cache-Control", isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache");
  return c.body(body, status);
}

// The build writes a content hash of eight hexadecimal digits into the name of every file it bundles.
const isHashed = (path: string) => /^_(import|observablehq|node|file)\/.*\.[0-9a-f]{8}\.\w+$/.test(path);

async function notFound(c: Context, folder: string) {
  const page = await contents(folder, "404.html");
  return page ? respond(c, "404.html", page, 404) : c.text("nothing is served here\n", 404);
}

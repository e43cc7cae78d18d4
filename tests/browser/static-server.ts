import {readFile, stat} from "node:fs/promises";
import {createServer} from "node:http";
import type {AddressInfo} from "node:net";
import {extname, join} from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css"
};

/** Returns a server that knows nothing but files: a folder under a path, its index for a slash, else 404. */
export async function serveStatic(folder: string, under: string) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://localhost").pathname);
    const file = join(folder, path.slice(under.length), path.endsWith("/") ? "index.html" : "");
    const isThere = path.startsWith(under) && (await stat(file).catch(() => null))?.isFile();
    response.writeHead(isThere ? 200 : 404, {"Content-Type": types[extname(file)] ?? "text/plain"});
    response.end(isThere ? await readFile(file) : "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const {port} = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${under}`,
    close: () => (server.closeAllConnections(), new Promise((done) => server.close(done)))
  };
}

import {build} from "esbuild";

/** Returns a module with all it imports as one minified script, whose exports stand in a global of the given name. */
export async function bundle(entry: string, name: string): Promise<string> {
  const {outputFiles} = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    globalName: name,
    target: "es2023"
  });
  return outputFiles[0].text;
}

/** Returns the minified size of named exports of modules, bundled together, as a module would be served. */
export async function bundleOf(
  imports: {module: string; names: string[]}[],
  folder: string
): Promise<string> {
  const contents = imports
    .map(
      ({module, names}, i) => `export {${names.map((name) => `${name} as ${name}_${i}`)}} from "${module}";`
    )
    .join("\n");
  const {outputFiles} = await build({
    stdin: {contents, resolveDir: folder, loader: "ts"},
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2023"
  });
  return outputFiles[0].text;
}

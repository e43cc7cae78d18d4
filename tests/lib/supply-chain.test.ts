import {execFileSync} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {describe, expect, test} from "vitest";

type Manifest = Record<
  "dependencies" | "devDependencies" | "optionalDependencies",
  Record<string, string>
> & {
  license?: string;
  licenses?: {type: string}[];
  overrides: Record<string, string>;
  allowScripts: Record<string, boolean>;
  scripts?: Record<string, string>;
};
type Locked = Partial<Manifest> & {
  license?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
};

const read = <T>(file: string) => JSON.parse(readFileSync(file, "utf8")) as T;
const manifest = read<Manifest>("package.json");
const text = readFileSync("package-lock.json", "utf8");
const {"": root, ...packages} = read<{packages: Record<string, Locked>}>("package-lock.json").packages;
const kinds = ["dependencies", "devDependencies", "optionalDependencies"] as const;
const nameOf = (path: string) => path.split("node_modules/").at(-1)!;

describe("the lockfile", () => {
  test("is of the very dependencies that package.json names", () => {
    for (const kind of kinds) expect(root[kind]).toEqual(manifest[kind]);
  });

  test("names a version and a hash for every package, and no host", () => {
    const bare = Object.entries(packages).filter(
      ([, locked]) => !("version" in locked && ("integrity" in locked || "inBundle" in locked))
    );
    expect(bare.map(([path]) => path)).toEqual([]);
    expect(text).not.toMatch(/"resolved"|"_resolved"|registry\./);
  });

  test("every dependency of ours is pinned to one version", () => {
    const pinned = [...kinds.map((kind) => manifest[kind]), manifest.overrides].flatMap(Object.entries);
    expect(pinned.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});

test("npm run sbom lists each of them with its version, in CycloneDX", () => {
  execFileSync("npm", ["run", "--silent", "sbom"]);
  const made = read<{bomFormat: string; components: {name: string; group?: string; version: string}[]}>(
    "dist/sbom.json"
  );
  const listed = made.components.map(
    ({name, group, version}) => `${group ? `${group}/` : ""}${name} ${version}`
  );
  expect(made.bomFormat).toBe("CycloneDX");
  expect(listed).toEqual(
    expect.arrayContaining(Object.entries(manifest.dependencies).map((dependency) => dependency.join(" ")))
  );
});

// What runs on whoever installs. Those of another platform are never fetched, and so never run.
test("the packages that may run a script when they are installed are those that have one and need it", () => {
  const withScript = Object.entries(packages)
    .filter(([path, {hasInstallScript, optional}]) => hasInstallScript && (!optional || existsSync(path)))
    .map(([path]) => nameOf(path));
  expect([...new Set(withScript)].sort()).toEqual(Object.keys(manifest.allowScripts).sort());
});

/** Licences that let a program of MIT licence be made of what bears them. */
const allowed = new Set(
  "0BSD Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 ISC MIT MIT-0 Python-2.0 Unlicense Zlib".split(
    " "
  )
);

/** Used as they are and never shipped inside of something of ours: of development alone. */
const ofDevelopment = new Set(["MPL-2.0"]);

/** Packages that say it by their LICENSE file, or in an older field. */
const saidElsewhere: Record<string, RegExp> = {
  jstat: /Permission is hereby granted, free of charge/,
  "simple-lru-cache": /Permission is hereby granted, free of charge|MIT/
};

describe("licences", () => {
  const licences = Object.entries(packages).map(([path, {license, dev = false}]) => ({path, license, dev}));

  test("every package bears one that goes with ours", () => {
    const refused = licences.filter(
      ({path, license, dev}) => !(license ? isLawful(license, dev) : nameOf(path) in saidElsewhere)
    );
    expect(refused).toEqual([]);
  });

  test("those that say it elsewhere do", () => {
    for (const [name, words] of Object.entries(saidElsewhere))
      expect(readFileSync(join("node_modules", name, "LICENSE"), "utf8")).toMatch(words);
  });

  test("what stands in the lockfile is what the installed package says", () => {
    const other = licences.filter(({path, license}) => {
      const file = join(path, "package.json");
      if (!license || !existsSync(file)) return false;
      const said = read<Manifest>(file).license as string | {type: string} | undefined;
      return said !== undefined && (typeof said === "string" ? said : said.type) !== license;
    });
    expect(other).toEqual([]);
  });

  test("one that asks for the source of the whole is refused, alone or with another; a choice is not", () => {
    const said = [
      "GPL-3.0-or-later",
      "MIT AND AGPL-3.0",
      "(MIT OR GPL-3.0-or-later)",
      "(MIT AND Zlib)",
      "MPL-2.0"
    ];
    expect(said.map((licence) => isLawful(licence, false))).toEqual([false, false, true, true, false]);
    expect(isLawful("MPL-2.0", true)).toBe(true);
  });
});

// One of a choice is enough; of what is joined each must be lawful.
function isLawful(licence: string, dev: boolean): boolean {
  const words = licence.replace(/[()]/g, "");
  const isOne = (name: string) => allowed.has(name.trim()) || (dev && ofDevelopment.has(name.trim()));
  return words.split(" OR ").some((choice) => choice.split(" AND ").every(isOne));
}

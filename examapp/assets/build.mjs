// Builds the browser assets: node examapp/assets/build.mjs [OUT]. Hashed names, compressed copies, a manifest, the licences.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const sources = dirname(fileURLToPath(import.meta.url));
const root = resolve(sources, "../..");
const modules = join(root, "node_modules");
const out = resolve(process.argv[2] ?? join(root, "examapp/core/static/build"));
const fresh = `${out}.new`;

const STAFF = ["chrome100", "firefox100", "safari15.4"];
const EXAM = ["chrome70", "ios12"];
const FONTS = {
  "fonts/tinos-regular.ttf": "400Regular/Tinos_400Regular.ttf",
  "fonts/tinos-italic.ttf": "400Regular_Italic/Tinos_400Regular_Italic.ttf",
  "fonts/tinos-bold.ttf": "700Bold/Tinos_700Bold.ttf",
  "fonts/tinos-bold-italic.ttf": "700Bold_Italic/Tinos_700Bold_Italic.ttf",
};

const manifest = {};
const packages = new Set();

/** The package a file under node_modules belongs to. */
function packageOf(path) {
  const parts = relative(modules, path).split("/");
  if (parts[0] === ".." || parts[0] === "") return null;
  return parts[0].startsWith("@") ? `${parts[0]}/${parts[1]}` : parts[0];
}

function note(path) {
  const name = packageOf(path);
  if (name) packages.add(name);
}

/** Stores one file under a name that tells its content; text gets its compressed copies. */
async function store(name, content, compress = true) {
  const bytes = Buffer.from(content);
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const hashed = join(dirname(name), `${basename(name, extname(name))}-${digest}${extname(name)}`);
  const path = join(fresh, hashed);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  if (compress) {
    await writeFile(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
  manifest[name] = hashed;
}

async function style(name, target) {
  const compiled = sass.compile(join(sources, name.replace(".css", ".scss")), {
    loadPaths: [sources, modules],
    quietDeps: true,
    silenceDeprecations: ["import"],
  });
  for (const url of compiled.loadedUrls) note(fileURLToPath(url));
  const small = await esbuild.transform(compiled.css, { loader: "css", minify: true, target, legalComments: "none" });
  await store(name, small.code);
}

async function script(name, target, define = {}) {
  const built = await esbuild.build({
    entryPoints: [join(sources, name)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "iife",
    target,
    legalComments: "none",
    define,
    absWorkingDir: root,
    nodePaths: [modules],
    logOverride: { "direct-eval": "silent" },
  });
  for (const path of Object.keys(built.metafile.inputs)) note(join(root, path));
  await store(name, built.outputFiles[0].contents);
}

async function font(name, file) {
  const path = join(modules, "@expo-google-fonts/tinos", file);
  note(path);
  await store(name, await readFile(path), false);
}

/** The words of a package that comes without a file for them: the notice on top of its source, then the licence it names. */
async function noted(folder, about) {
  const source = await readFile(join(folder, about.module ?? about.main), "utf8");
  const notice = source.match(/^(?:\/\/.*\n)+/)?.[0].replace(/^\/\/[-\s]*/gm, "").trim();
  if (about.license !== "MIT" || !notice?.includes("Copyright")) throw new Error(`${about.name}: no licence text`);
  return [notice, await readFile(join(sources, "licences", "mit.txt"), "utf8")];
}

/** What of others is in the built files, with the words of their licences. */
async function licences() {
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(modules, name);
    const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const texts = ["LICENSE", "LICENSE_FONT", "LICENSE.md"].map((file) => join(folder, file)).filter(existsSync);
    const words = texts.length ? await Promise.all(texts.map((path) => readFile(path, "utf8"))) : await noted(folder, about);
    parts.push(`== ${name} ${about.version} (${about.license}) ==\n\n${words.map((text) => text.trim()).join("\n\n")}\n`);
  }
  await writeFile(join(fresh, "licences.txt"), parts.join("\n\n"));
}

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
await style("staff.css", STAFF);
await style("exam.css", EXAM);
await script("staff.js", STAFF);
await script("editor.js", STAFF);
await script("exam.js", EXAM);
await script("waiting.js", EXAM);
await script("qr.js", EXAM);
for (const icon of ["emblem.svg", "favicon.svg"]) await store(icon, await readFile(join(sources, "icons", icon)));
// What the candidate's page is made of, by name: another build is another worker.
const files = ["exam.css", "exam.js", "qr.js", "favicon.svg"].map((name) => `/static/build/${manifest[name]}`);
const build = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12);
await script("worker.js", EXAM, { BUILD: JSON.stringify(build), FILES: JSON.stringify(files) });
for (const [name, file] of Object.entries(FONTS)) await font(name, file);
await licences();
const ordered = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(ordered, null, 2)}\n`);
await rm(out, { recursive: true, force: true });
await rename(fresh, out);

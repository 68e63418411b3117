/* Builds static/dist from static/src: scripts (split, one lazy chunk per behaviour), styles, icon sprite.
   Names of chunks carry a content hash; the entries get theirs from Django's manifest storage. */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { PurgeCSS } from "purgecss";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "dist");
const modules = join(here, "..", "node_modules");
const watching = process.argv.includes("--watch");

const posix = (path) => path.split(sep).join("/");

async function filesBelow(folder, extension) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/* A behaviour is any module <folder>/<name>.js that exports `mount`; its name is "<folder>/<name>". */
async function behaviourMap() {
  const lines = [];
  for (const path of await filesBelow(source, ".js")) {
    const name = posix(relative(source, path)).replace(/\.js$/, "");
    if (!name.includes("/")) continue;
    const text = await readFile(path, "utf8");
    if (!/export (async )?function mount\b/.test(text)) continue;
    lines.push(`  ${JSON.stringify(name)}: () => import(${JSON.stringify(`./${name}.js`)}),`);
  }
  return `export const behaviours = {\n${lines.join("\n")}\n};\n`;
}

const behavioursPlugin = {
  name: "behaviours",
  setup(build) {
    build.onResolve({ filter: /^virtual:behaviours$/ }, () => ({ path: "behaviours", namespace: "virtual" }));
    build.onLoad({ filter: /.*/, namespace: "virtual" }, async () => ({
      contents: await behaviourMap(),
      resolveDir: source,
      loader: "js",
    }));
  },
};

const scripts = {
  entryPoints: [join(source, "main.js")],
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  sourcemap: false,
  legalComments: "none",
  chunkNames: "chunks/[name]-[hash]",
  entryNames: "[name]",
  plugins: [behavioursPlugin],
  logLevel: "warning",
};

const workers = async () => ({
  entryPoints: (await filesBelow(source, ".worker.js")),
  outdir: join(target, "workers"),
  bundle: true,
  format: "iife",
  target: ["es2022"],
  minify: true,
  logLevel: "warning",
});

/* Tabler's parts are chosen in styles/atom.scss; every <folder>/<name>.scss outside styles/ is a part of an app. */
async function buildStyles() {
  const parts = (await filesBelow(source, ".scss")).filter((path) => !path.includes(`${sep}styles${sep}`));
  const entry = [
    '@use "styles/atom";',
    ...parts.map((path, index) => `@use ${JSON.stringify(posix(relative(source, path)))} as part${index};`),
  ].join("\n");
  const result = sass.compileString(entry, {
    url: pathToFileURL(join(source, "entry.scss")),
    loadPaths: [source, modules],
    style: "compressed",
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  const minified = await esbuild.transform(await onlyUsed(result.css), { loader: "css", minify: true, target: ["es2022"] });
  await writeFile(join(target, "atom.css"), minified.code);
}

/* Drops the rules whose classes no template, script or form of ours names. Classes that are put together at run time
   ("state-" + kind) are listed here by their beginning. */
async function onlyUsed(css) {
  const [kept] = await new PurgeCSS().purge({
    content: ["templates/**/*.html", "static/src/**/*.js", "apps/**/*.py"].map((pattern) => posix(join(here, "..", pattern))),
    css: [{ raw: css }],
    safelist: { standard: [/^is-/, /^htmx-/, /^chart-/], deep: [/^state/, /data-bs-theme/], greedy: [/^cm-/] },
  });
  return kept.css;
}

/* One sprite with the icons named in icons.json; used by the template tag `icon` and by kit/icon.js. */
async function buildIcons() {
  const names = JSON.parse(await readFile(join(source, "icons.json"), "utf8"));
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
      const paths = svg
        .slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"))
        .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" \/>/, "")
        .replace(/\s+/g, " ")
        .trim();
      return `<symbol id="${name}" viewBox="0 0 24 24">${paths}</symbol>`;
    }),
  );
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  await writeFile(join(target, "icons.svg"), sprite);
}

async function buildOnce() {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const workerOptions = await workers();
  await Promise.all([
    esbuild.build(scripts),
    workerOptions.entryPoints.length ? esbuild.build(workerOptions) : undefined,
    buildStyles(),
    buildIcons(),
    copyFile(join(source, "atom.svg"), join(target, "atom.svg")),
  ]);
}

async function watch() {
  const { watch: watchFiles } = await import("node:fs/promises");
  for await (const event of watchFiles(source, { recursive: true })) {
    try {
      await buildOnce();
      console.log(`built after ${event.filename}`);
    } catch (error) {
      console.error(error.message);
    }
  }
}

const started = performance.now();
await buildOnce();
console.log(`static/dist built in ${Math.round(performance.now() - started)} ms`);
if (watching) await watch();

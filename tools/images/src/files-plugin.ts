import { cpSync, globSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Plugin } from "rolldown";

/** `new URL("path", import.meta.url)`, also with `${…}` in the path. Groups: the quote, the path. */
const reference = /new URL\((["'`])(\.(?:(?!\1)[^\n])+)\1,\s*import\.meta\.url\)/g;

/**
 * Takes along what modules read beside themselves: files named by `new URL("…", import.meta.url)` are copied to `folder`/files/PLACE, where the bundle finds them;
 * programs of worker threads (`.ts`) become entries of their own. A path with `${…}` stands for every file that it matches; one that matches
 * none is left as it is: such files may be installed later. PLACE names the folder that they are from, since files of two packages may have one name.
 *
 * @param root - of the repository
 */
export function filesPlugin(folder: string, root: string): Plugin {
  return {
    name: "files",
    transform(code, id) {
      if (!code.includes("import.meta.url") || id.includes("/node_modules/")) return null;
      const replaced = code.replace(reference, (whole, quote: string, path: string) => {
        if (path.endsWith(".ts")) {
          const name = basename(path, ".ts");
          this.emitFile({ type: "chunk", id: join(dirname(id), path), fileName: `${name}.mjs` });
          return `new URL("./${name}.mjs", import.meta.url)`;
        }
        const matches = globSync(path.replace(/\$\{[^}]*\}/g, "*"), { cwd: dirname(id) });
        if (matches.length === 0) return whole;
        const [fixedPart = ""] = dirname(path).split("${");
        const place = relative(root, join(dirname(id), fixedPart)).replace(/[^a-zA-Z0-9]+/g, "-");
        for (const match of matches) {
          const from = join(dirname(id), match);
          cpSync(from, join(folder, "files", place, basename(match)), { recursive: statSync(from).isDirectory() });
        }
        const slash = path.endsWith("/") ? "/" : "";
        return `new URL(${quote}./files/${place}/${basename(path)}${slash}${quote}, import.meta.url)`;
      });
      return replaced === code ? null : { code: replaced, map: null };
    },
  };
}

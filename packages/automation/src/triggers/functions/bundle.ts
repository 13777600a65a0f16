import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildFailure, build, type Plugin } from 'esbuild';

/** A function of an app's folder, made into one text of JavaScript with all it imports. */
export type Bundle =
  | {
      readonly ok: true;
      readonly name: string;
      readonly text: string;
      /** Another text has another. */
      readonly version: string;
      /** Files it was made of. */
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly name: string; readonly problem: string; readonly files: readonly string[] };

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

/** What a function may be called: a file of its folder, without folders and without an extension. */
export const FUNCTION_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;

/** The types are for editors; at run time `defineTrigger` gives back what it is given. */
const KIT: Plugin = {
  name: 'triggers-kit',
  setup(setup) {
    setup.onResolve({ filter: /^@portcullis\/triggers-kit$/ }, ({ path }) => ({ path, namespace: 'kit' }));
    setup.onLoad({ filter: /.*/, namespace: 'kit' }, () => ({
      contents: 'const same = (trigger) => trigger; export { same as defineTrigger, same as defineXanoTrigger };',
      loader: 'js',
    }));
  },
};

/** Never rejects for what it finds in the folder. */
export async function bundleFunction(folder: string, name: string): Promise<Bundle> {
  const candidates = EXTENSIONS.map((extension) => join(folder, `${name}${extension}`));
  const [entry, second] = candidates.filter((path) => existsSync(path));
  const bad = (problem: string, files: readonly string[] = candidates): Bundle => ({ ok: false, name, problem, files });
  if (entry === undefined) return bad(`there is no ${name}.ts or ${name}.js in ${folder}`);
  if (second !== undefined) return bad(`there is more than one file for it: ${entry} and ${second}`);
  try {
    const made = await build({
      entryPoints: [entry],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      // What is required at run time is looked for where the file stands.
      banner: { js: requireFrom(entry) },
      logLevel: 'silent',
      plugins: [KIT],
    });
    const text = made.outputFiles[0]?.text ?? '';
    const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const inputs = Object.keys(made.metafile.inputs).filter((path) => !path.startsWith('kit:'));
    return { ok: true, name, text, version, files: inputs.map((path) => join(folder, path)) };
  } catch (error) {
    return bad(problemOf(error), [entry]);
  }
}

function requireFrom(entry: string): string {
  const from = JSON.stringify(pathToFileURL(entry).href);
  return `import { createRequire as __require } from 'node:module'; const require = __require(${from});`;
}

/** The first of what is wrong, with its place. */
function problemOf(error: unknown): string {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (!first) return error instanceof Error ? error.message : String(error);
  const { location, text } = first;
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}

import { readFile } from 'node:fs/promises';

const DECIDES = new URL('../../packages/policy/dist/decide.js', import.meta.url).href;

export async function load(url, context, next) {
  if (url !== DECIDES) return next(url, context);
  const source = await readFile(new URL('./switch.mjs', import.meta.url), 'utf8');
  return { format: 'module', source, shortCircuit: true };
}

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const bundle = async (entry: string) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['source'],
    write: false,
    metafile: true,
  });
  return { code: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
};

describe('the browser bundle', () => {
  it('is under 9 kB gzipped, and holds nothing that is not ours', async () => {
    const { code, inputs } = await bundle('./index.ts');
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(9_000);
    expect(code.length).toBeGreaterThan(5_000);
    expect(inputs.filter((path) => /node_modules|packages\/(?!client|protocol)/.test(path))).toEqual([]);
  });

  it('needs neither Node nor the policy', async () => {
    const { code } = await bundle('./index.ts');
    expect(code).not.toMatch(/from"|require\(|node:/);
  });
});

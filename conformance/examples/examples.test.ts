import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const names = readdirSync(join(root, 'examples')).filter((name) =>
  existsSync(join(root, 'examples', name, 'index.mjs')),
);

describe('the examples', () => {
  it('are there', () => {
    expect(names).toEqual(expect.arrayContaining(['board', 'chat', 'one-to-one']));
  });

  it.each(names)('%s plays its own story, and it holds', (name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join('examples', name, 'index.mjs'), '--check'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 55_000,
    });
    expect(`${stdout}${stderr}`).not.toContain('✗');
    expect(status).toBe(0);
    expect(stdout.match(/^✓ /gm)?.length).toBeGreaterThanOrEqual(5);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultOf } from './targets.mjs';

const FILE = join(import.meta.dirname, '../docs/images/fan-out.svg');
const WIDTH = 760;
const LEFT = 132;
const RIGHT = 116;
const BAR = 20;
const ROW = 28;

/** Draws the figures of the fan-out as bars. Colours follow the reader's light or dark. */
export function drawPicture() {
  const result = resultOf('fan-out');
  if (result === undefined) return;
  const panels = [1000, 100].flatMap((subscribers) => {
    const shape = result.results.find((row) => row.subscribers === subscribers && row.window === 128);
    if (shape === undefined) return [];
    const rows = shape.figures.map(({ name, deliveriesPerSecond }) => ({ name, value: deliveriesPerSecond }));
    const title = `${subscribers.toLocaleString('en').replace(',', ' ')} subscribers of one channel, 128 messages in flight`;
    return [{ title, rows: rows.sort((a, b) => b.value - a.value) }];
  });
  const most = Math.max(...panels.flatMap(({ rows }) => rows.map(({ value }) => value)));
  let y = 34;
  const parts = [];
  for (const { title, rows } of panels) {
    parts.push(text(0, y, title, 'title'));
    y += 16;
    for (const { name, value } of rows) {
      const width = Math.max(2, (value / most) * (WIDTH - LEFT - RIGHT));
      const ours = name === 'Portcullis' ? ' ours' : '';
      parts.push(text(LEFT - 10, y + 15, name, `name${ours}`));
      parts.push(`<rect class="bar${ours}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3"/>`);
      parts.push(text(LEFT + width + 8, y + 15, millions(value), `value${ours}`));
      y += ROW;
    }
    y += 26;
  }
  parts.push(
    text(
      0,
      y - 6,
      'Messages delivered per second, 92 bytes each, server on one core. Portcullis: rules and grants on.',
      'note',
    ),
  );
  writeFileSync(FILE, svg(y + 8, parts));
}

const millions = (value) =>
  value >= 1e5
    ? `${(value / 1e6).toFixed(value >= 1e6 ? 1 : 2)} million`
    : Math.round(value).toLocaleString('en').replaceAll(',', ' ');

const text = (x, y, words, kind) => `<text class="${kind}" x="${x}" y="${y}">${words}</text>`;

function svg(height, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Messages delivered per second by Portcullis and other servers">
<style>
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #57606a; }
  .title { font-weight: 600; fill: #1f2328; }
  .name { text-anchor: end; }
  .name.ours, .value.ours { font-weight: 600; fill: #1f2328; }
  .note { font-size: 12px; }
  .bar { fill: #afb8c1; }
  .bar.ours { fill: #0f766e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1; }
    .title, .name.ours, .value.ours { fill: #f0f6fc; }
    .bar { fill: #3d444d; }
    .bar.ours { fill: #2dd4bf; }
  }
</style>
${parts.join('\n')}
</svg>
`;
}

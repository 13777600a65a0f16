// npm run example -- board            plays the story and stays up: open the page in two windows
// npm run example -- board --check    plays it and exits: 0 when it held
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { play } from '../shared/play.mjs';
import { Portcullis } from '../shared/portcullis.mjs';
import { startSite } from '../shared/site.mjs';
import { tellStory } from './story.mjs';

const COLOURS = ['#e4572e', '#2e86ab', '#3f9142', '#a23b9c', '#d98e04', '#5b5bd6'];

await play(async (tell) => {
  const data = mkdtempSync(join(tmpdir(), 'portcullis-board-'));
  const portcullis = await Portcullis.start(new URL('portcullis.yaml', import.meta.url), { data });
  const site = await startSite(new URL('page/', import.meta.url), ['index.html', 'board.js', 'board.css'], {
    // A real backend would know who asks, and mint a token for them and nobody else.
    '/token': async ({ name }) => {
      const shown =
        String(name ?? '')
          .trim()
          .slice(0, 24) || 'Guest';
      const user = shown.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      const colour = COLOURS[[...shown].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length];
      const { token } = await portcullis.admin('/apps/board/tokens', {
        user,
        ttl: '15m',
        extras: { name: shown, colour },
      });
      return { token, url: portcullis.url, key: 'sub-board' };
    },
  });
  await tellStory({ site: site.url, portcullis }, tell);
  return {
    invitation: `The board: ${site.url}/?name=Ada and ${site.url}/?name=Bo, side by side.`,
    async stop() {
      site.stop();
      await portcullis.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
});

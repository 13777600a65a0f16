// npm run example -- chat            plays the story and stays up: open the page in two windows
// npm run example -- chat --check    plays it and exits: 0 when it held
import { play } from '../shared/play.mjs';
import { Portcullis } from '../shared/portcullis.mjs';
import { startSite } from '../shared/site.mjs';
import { tellStory } from './story.mjs';

await play(async (tell) => {
  const portcullis = await Portcullis.start(new URL('portcullis.yaml', import.meta.url));
  const site = await startSite(new URL('page/', import.meta.url), ['index.html', 'chat.js', 'chat.css'], {
    // A real backend would know who asks. Whoever names nobody gets no token, and reads.
    '/token': async ({ name }) => {
      const place = { url: portcullis.url, key: 'sub-chat' };
      const shown = String(name ?? '')
        .trim()
        .slice(0, 24);
      if (shown === '') return { ...place, token: null };
      const user = shown.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      const { token } = await portcullis.admin('/apps/chat/tokens', { user, ttl: '15m', extras: { name: shown } });
      return { ...place, token };
    },
  });
  await tellStory({ site: site.url, portcullis }, tell);
  return {
    invitation: `The chat: ${site.url}/?name=Ada, ${site.url}/?name=Bo, and ${site.url}/ to read without a name.`,
    async stop() {
      site.stop();
      await portcullis.stop();
    },
  };
});

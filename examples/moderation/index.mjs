// npm run example -- moderation            plays the story and stays up: change triggers/moderate.ts and talk
// npm run example -- moderation --check    plays it and exits: 0 when it held
import { play } from '../shared/play.mjs';
import { Portcullis } from '../shared/portcullis.mjs';
import { startHook } from './hook.mjs';
import { tellStory } from './story.mjs';

await play(async (tell) => {
  const hook = await startHook();
  const portcullis = await Portcullis.start(new URL('portcullis.yaml', import.meta.url));
  const people = await tellStory({ portcullis, hook }, tell);
  return {
    invitation: `Portcullis: ${portcullis.url}. Save a change of triggers/moderate.ts: the next message sees it.`,
    async stop() {
      for (const person of people) person.close();
      await portcullis.stop();
      hook.stop();
    },
  };
});

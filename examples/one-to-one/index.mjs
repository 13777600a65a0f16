// npm run example -- one-to-one            plays the story and stays up for you to try
// npm run example -- one-to-one --check    plays it and exits: 0 when it held
import { Portcullis } from '../shared/portcullis.mjs';
import { startBackend } from './backend.mjs';
import { leadSocketsTo } from './sdk.mjs';
import { playStory } from './story.mjs';

const check = process.argv.includes('--check');
try {
  await run();
  process.exit(0);
} catch (error) {
  console.error(`✗ ${error.message}`);
  process.exit(1);
}

async function run() {
  const portcullis = await Portcullis.start(new URL('portcullis.yaml', import.meta.url));
  const backend = await startBackend(portcullis);
  leadSocketsTo(portcullis.url);
  await playStory({ backend: backend.url, portcullis: portcullis.url }, (line) => console.log(`✓ ${line}`));
  if (!check) await untilStopped(portcullis, backend);
  await backend.stop();
  await portcullis.stop();
  console.log('✓ Portcullis asks its clients to come back and ends.');
}

async function untilStopped(portcullis, backend) {
  console.log(`
Portcullis ${portcullis.url}, backend ${backend.url}. Both stay up; Ctrl-C ends them. Try:
  curl -s ${backend.url}/sign-in -d '{"user":"ada","password":"correct horse"}'`);
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
}

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };
/**
 * A small site of an example: its page, the client, and what its backend answers to POST requests.
 *
 * @param {URL} folder
 * @param {readonly string[]} files those of the folder that are served; the first one at `/`
 * @param {Record<string, (body: any) => Promise<object>>} answers by path
 * @returns {Promise<{ url: string, stop: () => void }>}
 */
export async function startSite(folder, files, answers) {
  const pages = new Map(files.map((name) => [`/${name}`, fileURLToPath(new URL(name, folder))]));
  pages.set('/', fileURLToPath(new URL(files[0], folder)));
  pages.set('/portcullis.min.js', createRequire(import.meta.url).resolve('@portcullis/client/browser'));
  const site = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const page = pages.get(pathname);
    const answer = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined;
    if (request.method === 'GET' && page) {
      response.setHeader('content-type', `${TYPES[extname(page)]}; charset=utf-8`);
      createReadStream(page).pipe(response);
    } else if (request.method === 'POST' && answer) {
      void reply(request, response, answer);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${site.address().port}`,
    stop() {
      site.close();
      site.closeAllConnections();
    },
  };
}

async function reply(request, response, answer) {
  try {
    let text = '';
    for await (const part of request) {
      text += part;
      if (text.length > 10_000) throw new Error('too long');
    }
    const result = JSON.stringify(await answer(text === '' ? {} : JSON.parse(text)));
    response.setHeader('content-type', 'application/json');
    response.end(result);
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
  }
}

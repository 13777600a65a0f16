// The moderators' endpoint: takes what the action posts, and believes what is signed.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { verifyWebhook } from '@portcullis/server-sdk';

/** Listens on a free port of this machine. What the configuration needs of it goes into the environment. */
export async function startHook() {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const denied = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const verified = await verifyWebhook(secret, request.headers, Buffer.concat(chunks).toString());
    if (verified.ok) denied.push(verified.payload.data);
    response.writeHead(verified.ok ? 204 : 401).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.HOOK_PORT = String(server.address().port);
  process.env.HOOK_SECRET = secret;
  return {
    denied,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

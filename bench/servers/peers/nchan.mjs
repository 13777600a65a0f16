import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startOnCore } from '../run.mjs';
import { installed, said } from './installed.mjs';

const MODULE = process.env.NCHAN_MODULE ?? '/usr/lib/nginx/modules/ngx_nchan_module.so';

const config = (folder, port) => `
load_module ${MODULE};
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 20000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port};
    location ~ ^/pubsub/(.+)$ {
      nchan_pubsub websocket;
      nchan_channel_id $1;
      # As many as are on their way at once, so that none is missed; subscribers begin with what is new.
      nchan_message_buffer_length 200;
      nchan_message_timeout 10s;
      nchan_subscriber_first_message newest;
    }
  }
}
`;

/** nchan, one nginx worker, messages in its own shared memory; publishers and subscribers on WebSockets. */
export const nchan = {
  name: 'nchan',
  unavailable: () =>
    installed('nginx', ['-v']) ?? (existsSync(MODULE) ? undefined : `there is no ${MODULE} (libnginx-mod-nchan)`),
  version: () =>
    [said('nginx', ['-v']), said('dpkg-query', ['-W', 'libnginx-mod-nchan'])].join(', ').replaceAll('\t', ' '),
  async start() {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-nchan-'));
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, config(folder, port));
    return startOnCore('nginx', ['-c', file, '-p', folder], { port });
  },
  path: '/pubsub/room',
  line: ({ publish }) => ['', publish].join('\t'),
  publish: (_channel, payload) => payload,
};

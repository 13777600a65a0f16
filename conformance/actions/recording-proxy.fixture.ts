import { createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Recorded {
  readonly body: string;
  /** The access key that signed it. */
  readonly accessKey: string;
  readonly sessionToken: string | undefined;
}

/** Stands between a client of Amazon's and the stand-in, and remembers who signed what. */
export class RecordingProxy {
  readonly requests: Recorded[] = [];
  readonly #server: Server;

  constructor(port: number) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const { authorization = '', 'x-amz-security-token': token } = request.headers;
      const [, accessKey = ''] = /Credential=([^/]+)\//.exec(authorization) ?? [];
      this.requests.push({ body: String(body), accessKey, sessionToken: token?.toString() });
      const { method = 'GET', url = '/', headers } = request;
      const onward = send({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

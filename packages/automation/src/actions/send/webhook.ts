import type { Clock } from '@portcullis/engine';
import { Webhook } from 'standardwebhooks';
import type { Post } from '../../outbound/index.ts';
import type { Parcel } from '../envelope/parcel.ts';
import type { WebhookTarget } from '../spec.ts';
import { failed, SENT, type Sender, type Sent } from './sender.ts';

/** Bytes of an answer that are read, so that the connection can be used again; what is more cuts it. */
const ANSWER = 64 * 1024;

export interface WebhookDeps {
  readonly post: Post;
  readonly clock: Clock;
  readonly timeout: number;
}

/** Posts with Standard Webhooks headers. An answer of 2xx is yes, whatever it says. */
export class WebhookSender implements Sender {
  readonly #target: WebhookTarget;
  readonly #url: URL;
  readonly #signer: Webhook;
  readonly #deps: WebhookDeps;

  constructor(target: WebhookTarget, deps: WebhookDeps) {
    this.#target = target;
    this.#url = new URL(target.url);
    this.#signer = new Webhook(target.secret);
    this.#deps = deps;
  }

  async send({ id, contentType, body }: Parcel, signal: AbortSignal): Promise<Sent> {
    const now = new Date(this.#deps.clock.now());
    const posted = await this.#deps.post({
      url: this.#url,
      headers: {
        'content-type': contentType,
        'user-agent': 'Portcullis',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': this.#signer.sign(id, now, body),
      },
      ownHeaders: this.#target.headers,
      body,
      timeout: this.#deps.timeout,
      maxBytes: ANSWER,
      redirects: this.#target.redirects,
      signal,
    });
    if (!posted.ok) return failed(`${posted.reason}: ${posted.detail}`);
    return posted.status >= 200 && posted.status < 300 ? SENT : failed(`answered ${posted.status}`);
  }

  /** The connections are everybody's. */
  async close(): Promise<void> {}
}

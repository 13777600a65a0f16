import { unfitTarget } from '@portcullis/automation/outbound';
import type { Path } from '../source.ts';
import { error, type Finding, type Surroundings } from './check.ts';

const WHSEC = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Bytes of the shortest secret that Standard Webhooks allows. */
const SECRET_BYTES = 24;

/** An endpoint that the server posts to: one that may be reached, with a secret that signs. */
export function checkWebhook(
  { url, secret }: { readonly url: string; readonly secret: string },
  path: Path,
  { outbound }: Surroundings,
): Finding[] {
  const unfit = unfitTarget(new URL(url), outbound);
  const bytes = WHSEC.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0;
  return [
    ...(unfit === undefined ? [] : [error([...path, 'url'], unfit)]),
    ...(bytes >= SECRET_BYTES
      ? []
      : [error([...path, 'secret'], `expected whsec_ and the base64 of at least ${SECRET_BYTES} bytes`)]),
  ];
}

import type { Json } from '@portcullis/policy';
import type { AppEvent } from '../event.ts';
import { senderOf } from './basic.ts';
import { PathParser } from './path-parser.ts';
import { PathProblem, tokenise } from './path-tokens.ts';

/** Characters of a filter. */
const LENGTH = 4_096;

export type CompiledPath =
  | { readonly ok: true; readonly test: (event: AppEvent) => boolean }
  | { readonly ok: false; readonly message: string };

/**
 * The vendor's filter form of JSONPath: `$.[?( … )]` or `$[?( … )]` over `{ channel, uuid, message, meta }`, with
 * `== != < <= > >= =~ in nin && || !`. What a path does not lead to matches nothing. Linear in filter and event.
 */
export function compilePathFilter(text: string): CompiledPath {
  if (text.length > LENGTH) return { ok: false, message: `has more than ${LENGTH} characters` };
  const outer = /^\s*\$\.?\[\?\(/.exec(text)?.[0];
  const trimmed = text.trimEnd();
  if (outer === undefined || !trimmed.endsWith(')]')) {
    return { ok: false, message: 'expected the form $.[?( condition )]' };
  }
  // Blanks in place of the outer part: columns stay those of the text as it was written.
  const inner = ' '.repeat(outer.length) + trimmed.slice(outer.length, -2);
  try {
    const test = new PathParser(tokenise(inner), inner.length).whole();
    return { ok: true, test: (event) => test(itemOf(event)) };
  } catch (error) {
    if (error instanceof PathProblem) return { ok: false, message: error.message };
    throw error;
  }
}

/** An event as the vendor's filters see it: of what is no message, everything it says stands for the message. */
function itemOf(event: AppEvent): Json {
  const { message = event.data, meta = null } = event.data;
  return { channel: event.channel ?? '', uuid: senderOf(event), message, meta };
}

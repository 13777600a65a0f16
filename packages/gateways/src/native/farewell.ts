import type { Ending } from '@portcullis/engine';
import { CODES, type Code } from '@portcullis/policy';
import { closeFrame, textFrame } from '../shared/encode-frame.ts';
import { closeCodeFor } from './close-codes.ts';
import { closingText } from './wire-text.ts';

/** The last bytes of a connection that we end: why, whether to come back, and the close frame with the code as its reason. */
export function wordFarewell(ending: Ending): Uint8Array {
  const closeCode = closeCodeFor(ending.code);
  return Buffer.concat([textFrame(closingText(ending, closeCode)), closeFrame(closeCode, ending.code)]);
}

/** What a connection that breaks RFC 6455 did wrong, by the code the standard has for it. */
const VIOLATIONS = new Map<number, Code>([
  [1002, 'request.malformed'],
  [1007, 'request.malformed'],
  [1008, 'request.malformed'],
  [1009, 'limit.frame'],
]);

/** The last bytes of a connection that its peer ends, with its own code; or that broke the protocol below ours. */
export function wordClosing(code: number | undefined): Uint8Array {
  const violation = code === undefined ? undefined : VIOLATIONS.get(code);
  if (violation === undefined) return closeFrame(code);
  return wordFarewell({ code: violation, message: CODES[violation].sentence });
}

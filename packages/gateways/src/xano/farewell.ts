import type { Ending } from '@portcullis/engine';
import { CODES, type Code } from '@portcullis/policy';
import { closeFrame, textFrame } from '../shared/encode-frame.ts';
import { farewellFor } from './close-codes.ts';
import { errorText } from './wire-text.ts';

/** A code the SDK connects again after. */
export const TRY_AGAIN_LATER = 1013;

/** The last bytes of a connection that we end: what its client is told, and the close frame with the code as its reason. */
export function wordFarewell(ending: Ending): Uint8Array {
  const { code, told } = farewellFor(ending.code);
  const close = closeFrame(code, ending.code);
  return told ? Buffer.concat([textFrame(errorText(ending.code, ending.message)), close]) : close;
}

/** What a connection that breaks RFC 6455 is told before it is closed with the code the standard has for that. */
const VIOLATIONS = new Map<number, Code>([
  [1002, 'request.malformed'],
  [1007, 'request.malformed'],
  [1008, 'request.malformed'],
  [1009, 'limit.message'],
]);

/** The last bytes of a connection that the peer ends, with its own code; or that is ended because it broke the protocol. */
export function wordClosing(code: number): Uint8Array {
  const violation = VIOLATIONS.get(code);
  if (violation === undefined) return closeFrame(code);
  return Buffer.concat([textFrame(errorText(violation, CODES[violation].sentence)), closeFrame(code, violation)]);
}

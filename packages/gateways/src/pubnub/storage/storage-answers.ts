import { CODES, type Code } from '@portcullis/policy';
import type { Answer } from '../http/call.ts';
import { objectText } from '../messaging/json-text.ts';

/** `{"status":200,"error":false,"error_message":"","channels":{…}[,"more":{…}]}`. `channels`: JSON text by name. */
export function stored(channels: Iterable<readonly [string, string]>, more?: object): Answer {
  const rest = more === undefined ? '' : `,"more":${JSON.stringify(more)}`;
  const body = `{"status":200,"error":false,"error_message":"","channels":${objectText(channels)}${rest}}`;
  return { status: 200, type: 'javascript', body };
}

export const DELETED: Answer = {
  status: 200,
  type: 'javascript',
  body: '{"status":200,"error":false,"error_message":""}',
};

/** Something is wrong with a parameter. */
export function badArguments(what: string, code: Code = 'request.malformed'): Answer {
  return failed(400, `Invalid Arguments: ${what}`, code, { channels: {} });
}

export function tooManyChannels(): Answer {
  const code = 'limit.historyChannelsPerCall';
  return failed(CODES[code].http, CODES[code].sentence, code, { channels: {} });
}

export function failed(status: number, error_message: string, code: Code, more: object = {}): Answer {
  return {
    status,
    type: 'javascript',
    body: JSON.stringify({ status, error: true, error_message, ...more, code }),
    headers: { 'X-Portcullis-Code': code },
  };
}

/** The vendor encodes names that are keys of `channels`, unless it is told not to. */
export function channelKey(channel: string, encode: boolean): string {
  if (!encode) return channel;
  return encodeURIComponent(channel).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

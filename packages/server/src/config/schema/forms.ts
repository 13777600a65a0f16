/** What names, keys and addresses may look like, and what a problem says they should. */
interface Form {
  readonly min?: number;
  readonly max?: number;
  readonly pattern: RegExp;
  readonly of: string;
}

export const APP_ID: Form = {
  max: 64,
  pattern: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
  of: 'lower-case letters, digits, - and _',
};
/** Stands in a path of a URL as it is. */
export const KEY: Form = { max: 128, pattern: /^[A-Za-z0-9_-]+$/, of: 'letters, digits, - and _' };
export const SECRET: Form = { max: 4_096, pattern: /^[\x21-\x7e]+$/, of: 'printable ASCII without spaces' };
export const USER_PREFIX: Form = { max: 64, pattern: /^[A-Za-z0-9._-]+$/, of: 'letters, digits, ., - and _' };
export const ORIGIN: Form = {
  max: 300,
  pattern:
    /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?:\d{1,5}|\*))?)$/i,
  of: 'an origin like https://app.example.com or http://localhost:*',
};
export const ADDRESS_BLOCK: Form = {
  max: 64,
  pattern: /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:.]*)(?:\/\d{1,3})?$/i,
  of: 'an IP address or a block like 10.0.0.0/8',
};

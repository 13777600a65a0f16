import { createCipheriv, createDecipheriv } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Principal } from '@portcullis/policy';
import type { FileVault } from './vault.ts';

/** What a form or a link was made for. None opens as the other, nor in another app. */
export type Purpose = 'upload' | 'download';

/** Who may do what with which file, until when. */
export interface Pass {
  readonly channel: string;
  readonly id: string;
  readonly name: string;
  /** ms since 1970. */
  readonly until: number;
  /** Decided again when the pass is used. */
  readonly principal: Principal;
}

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
/** Bytes of an opened pass: a principal with the largest grant there is, several times over. */
const OPENED_MAX = 1024 * 1024;

/**
 * A pass as text for a form or link: authentic, and readable by this process alone, so that it carries no token that could be
 * used elsewhere.
 */
export function seal(vault: FileVault, app: string, purpose: Purpose, pass: Pass): string {
  const nonce = vault.random(NONCE);
  const cipher = createCipheriv(CIPHER, vault.key, nonce, { authTagLength: TAG }).setAAD(boundTo(app, purpose));
  const sealed = Buffer.concat([cipher.update(deflateRawSync(serialize(pass))), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** `undefined`: not one of this process, app and purpose, or its time is over. */
export function unseal(
  vault: FileVault,
  text: string,
  { app, purpose, now }: { readonly app: string; readonly purpose: Purpose; readonly now: number },
): Pass | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.byteLength <= NONCE + TAG || bytes.toString('base64url') !== text) return undefined;
  const decipher = createDecipheriv(CIPHER, vault.key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(boundTo(app, purpose)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  let opened: Buffer;
  try {
    opened = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
  const pass: Pass = deserialize(inflateRawSync(opened, { maxOutputLength: OPENED_MAX }));
  return now < pass.until ? pass : undefined;
}

const boundTo = (app: string, purpose: Purpose): Buffer => Buffer.from(JSON.stringify(['pubnub.file', app, purpose]));

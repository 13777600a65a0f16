import type { Parcel } from '../envelope/parcel.ts';

/** What came of an attempt. `final`: trying again would come to the same. */
export type Sent = { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly final?: boolean };

/** Hands parcels to one target. Connects when it has something to hand over, and again when the connection was lost. */
export interface Sender {
  /** Resolves when the target has it. What rejects has failed. */
  send(parcel: Parcel, signal: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}

export const SENT: Sent = { ok: true };
export const failed = (reason: string, final = false): Sent => ({ ok: false, reason, ...(final ? { final } : {}) });

import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { AddressRefused, mayReach, type OutboundPolicy, type ResolveName } from './guard.ts';

/** Resolves when every address of the host may be reached, rejects otherwise. For clients that open connections themselves. */
export type Reach = (host: string) => Promise<void>;

/** Brokers speak with or without TLS: which of the two is their configuration's. */
export function createReach(policy: () => OutboundPolicy, resolve: ResolveName = lookup): Reach {
  const check = (address: string) => {
    if (!mayReach(policy(), address, true)) throw new AddressRefused(refusal(address));
  };
  return (host) =>
    new Promise((done, fail) => {
      if (isIP(host) !== 0) {
        check(host);
        return done();
      }
      resolve(host, { all: true }, (error, addresses) => {
        try {
          if (error || addresses.length === 0) throw error ?? new Error(`${host} resolves to nothing`);
          for (const { address } of addresses) check(address);
          done();
        } catch (problem) {
          fail(problem);
        }
      });
    });
}

const refusal = (address: string): string =>
  `${address} is a private or loopback address; set server.outbound.private: allow to reach it`;

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Code } from '@portcullis/policy';
import type { ConnectionCounts } from './connection-counts.ts';
import { handshakeProblem } from './handshake.ts';
import { refuseSocket } from './listener.ts';
import type { OriginGuard } from './origin.ts';
import type { Peer } from './peer.ts';
import { HttpProblem } from './problem.ts';

/** A WebSocket door and the paths that lead to it. */
export interface UpgradeRoute {
  /** Whether the path leads here. */
  readonly leads: (path: string) => boolean;
  /** What is wrong with the request for this door, if anything is. */
  readonly problem?: (request: IncomingMessage) => string | undefined;
  /** The app that the request names, if it names one. */
  readonly app: (request: IncomingMessage) => string | undefined;
  readonly accept: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface UpgradeDeps {
  readonly routes: readonly UpgradeRoute[];
  /** Read at every upgrade: a reload may have changed it. */
  readonly originAllowed: OriginGuard;
  readonly counts: ConnectionCounts;
  readonly refused: (code: Code) => void;
}

/** Leads upgrades to their doors. What is refused here never reaches one, and reads as problem details. */
export function createUpgradeHandler({ routes, originAllowed, counts, refused }: UpgradeDeps) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer, peer: Peer): void => {
    const refuse = (code: Code, detail?: string) => {
      refused(code);
      refuseSocket(socket, new HttpProblem(code, detail === undefined ? {} : { detail }));
    };
    const path = pathOf(request);
    const route = routes.find(({ leads }) => leads(path));
    if (!route) {
      refuse('not-found', 'There is no WebSocket here.');
      return;
    }
    const malformed = handshakeProblem(request) ?? route.problem?.(request);
    if (malformed !== undefined) {
      refuse('request.malformed', malformed);
      return;
    }
    if (!originAllowed(request.headers.origin)) {
      refuse('request.origin-not-allowed');
      return;
    }
    const app = route.app(request);
    const code = app === undefined ? undefined : counts.admit(app, peer.address, socket);
    if (code !== undefined) refuse(code);
    else route.accept(request, socket, head);
  };
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

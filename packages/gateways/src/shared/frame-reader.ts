import { isUtf8 } from 'node:buffer';
import {
  type FrameHeader,
  isCloseCode,
  OPCODE,
  readHeader,
  unmask,
  VIOLATION,
  type Violation,
} from './frame-header.ts';
import { Growing } from './growing.ts';

/** Frames that one message may come in: enough for any client, too few to keep us busy with nothing. */
const FRAGMENTS_MAX = 1_024;
const NOTHING = Buffer.alloc(0);

/** Who is told what was read. Bytes are good for the length of the call. */
export interface FrameSink {
  /** A whole message; text is valid UTF-8. */
  message(payload: Buffer, isBinary: boolean): void;
  ping(payload: Buffer): void;
  /** Whether a message of so many bytes, or one that has so many already, is taken. Asked, maybe again, once they are announced. */
  takes(bytes: number): boolean;
  /** A frame of so many bytes belongs to a message that is not taken. They are read and not kept. */
  passedOver(bytes: number): void;
  /** The peer closes, with its code if it gave one, or broke the protocol: the code of the violation. Nothing is told after it. */
  closing(code: number | undefined): void;
}

/** A message of which more fragments are to come. */
interface Unfinished {
  readonly isBinary: boolean;
  readonly bytes: Growing;
  fragments: number;
  /** It is not taken: what else comes of it is passed over as well. */
  readonly passedOver?: boolean;
}

/**
 * Reads the frames of one client (RFC 6455), strictly, no extension. Between two frames it holds no bytes; a frame or
 * message that has come in part is held up to the largest message, and never more than twice what has come; one that
 * its sink does not take is not held.
 */
export class FrameReader {
  readonly #max: number;
  readonly #sink: FrameSink;
  /** The beginning of a frame. */
  #rest: Growing | null = null;
  #unfinished: Unfinished | null = null;
  /** Bytes of the frame that is passed over which are still to come. */
  #toPass = 0;
  #over = false;

  /** `max`: bytes of one message. */
  constructor(max: number, sink: FrameSink) {
    this.#max = max;
    this.#sink = sink;
  }

  /** Reads what came. The chunk is the reader's: masks are taken off in place. */
  read(chunk: Buffer): void {
    if (this.#over) return;
    this.#rest?.append(chunk);
    const bytes = this.#rest?.bytes ?? chunk;
    const end = this.#readFrames(bytes);
    if (this.#over || end === bytes.length) this.#rest = null;
    else if (end > 0 || this.#rest === null) this.#rest = new Growing(bytes.subarray(end));
  }

  /** Reads whole frames and answers where the first that is not whole begins. */
  #readFrames(bytes: Buffer): number {
    let at = this.#pass(bytes, 0);
    while (at < bytes.length && !this.#over) {
      const header = readHeader(bytes, at, this.#unfinished !== null);
      if (header === null) return at;
      if (typeof header === 'number') this.#violated(header);
      else if (this.#isTooLong(header)) this.#violated(VIOLATION.tooLong);
      else if (!this.#isTaken(header)) {
        this.#passOver(header, at);
        at = this.#pass(bytes, at);
      } else if (bytes.length < header.payloadAt + header.length) return at;
      else {
        this.#frame(header, unmask(bytes, header));
        at = header.payloadAt + header.length;
      }
    }
    return at;
  }

  #isTooLong({ opcode, length }: FrameHeader): boolean {
    return opcode < OPCODE.close && (this.#unfinished?.bytes.length ?? 0) + length > this.#max;
  }

  #isTaken({ opcode, length }: FrameHeader): boolean {
    if (opcode >= OPCODE.close) return true;
    return this.#unfinished?.passedOver !== true && this.#sink.takes((this.#unfinished?.bytes.length ?? 0) + length);
  }

  /** Has the frame that begins at `at` passed over. */
  #passOver({ fin, length, payloadAt }: FrameHeader, at: number): void {
    const fragments = (this.#unfinished?.fragments ?? 0) + 1;
    if (fragments > FRAGMENTS_MAX) {
      this.#violated(VIOLATION.policy);
      return;
    }
    this.#toPass = payloadAt + length - at;
    this.#unfinished = fin ? null : { isBinary: false, bytes: new Growing(NOTHING), fragments, passedOver: true };
    this.#sink.passedOver(length);
  }

  /** Answers where what is not passed over begins. */
  #pass(bytes: Buffer, at: number): number {
    const passed = Math.min(this.#toPass, bytes.length - at);
    this.#toPass -= passed;
    return at + passed;
  }

  #frame({ fin, opcode }: FrameHeader, payload: Buffer): void {
    switch (opcode) {
      case OPCODE.ping:
        this.#sink.ping(payload);
        return;
      case OPCODE.pong:
        return;
      case OPCODE.close:
        this.#close(payload);
        return;
      default:
        this.#data(fin, opcode, payload);
    }
  }

  #data(fin: boolean, opcode: number, payload: Buffer): void {
    const before = this.#unfinished;
    if (before === null && fin) {
      this.#message(payload, opcode === OPCODE.binary);
      return;
    }
    const message = before ?? { isBinary: opcode === OPCODE.binary, bytes: new Growing(NOTHING), fragments: 0 };
    message.fragments += 1;
    if (message.fragments > FRAGMENTS_MAX) {
      this.#violated(VIOLATION.policy);
      return;
    }
    message.bytes.append(payload);
    this.#unfinished = fin ? null : message;
    if (fin) this.#message(message.bytes.bytes, message.isBinary);
  }

  #message(payload: Buffer, isBinary: boolean): void {
    if (isBinary || isUtf8(payload)) this.#sink.message(payload, isBinary);
    else this.#violated(VIOLATION.text);
  }

  #close(payload: Buffer): void {
    if (payload.length === 0) {
      this.#end(undefined);
      return;
    }
    const code = payload.readUInt16BE(0);
    if (!isCloseCode(code)) this.#violated(VIOLATION.protocol);
    else if (!isUtf8(payload.subarray(2))) this.#violated(VIOLATION.text);
    else this.#end(code);
  }

  #violated(code: Violation): void {
    this.#end(code);
  }

  #end(code: number | undefined): void {
    this.#over = true;
    this.#unfinished = null;
    this.#sink.closing(code);
  }
}

import type { Clock } from '@portcullis/engine';
import { textFrame } from '../shared/encode-frame.ts';

export interface AnswerSink {
  /** Takes a frame with one answer or several. */
  sendAnswers(frame: Uint8Array): void;
}

/** Gathers a connection's answers of one turn into one frame: a pipelined batch is answered by one write. */
export class Answers {
  readonly #clock: Clock;
  readonly #sink: AnswerSink;
  /** `null` while there are none: most connections are idle. */
  #texts: string[] | null = null;

  constructor(clock: Clock, sink: AnswerSink) {
    this.#clock = clock;
    this.#sink = sink;
  }

  add(text: string): void {
    if (this.#texts !== null) {
      this.#texts.push(text);
      return;
    }
    this.#texts = [text];
    this.#clock.endOfTurn(() => this.#flush());
  }

  #flush(): void {
    const texts = this.#texts ?? [];
    this.#texts = null;
    this.#sink.sendAnswers(textFrame(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`));
  }
}

import type { ServerResponse } from 'node:http';
import { isPromise, type Log, type MaybePromise } from '@portcullis/engine';
import type { Answer } from './call.ts';
import type { Family } from './families.ts';
import { answerToFault } from './fault.ts';
import type { OpenCalls } from './open-calls.ts';
import { writeAnswer } from './write-answer.ts';

/** What all answers of a door share. */
export interface AnsweringDeps {
  readonly log: Log;
  readonly openCalls: OpenCalls;
  /** An answer was sent. `route`: the pattern of the path, never the path. */
  readonly answered?: (route: string, status: number) => void;
}

export interface AnsweringSeed {
  readonly response: ServerResponse;
  readonly family: Family;
  /** When it was asked. */
  readonly timetoken: bigint;
  /** The request was a HEAD. */
  readonly bodiless: boolean;
}

/** The one answer to one request. Thousands wait for theirs: it holds what writing it takes, and nothing of the request. */
export class Answering {
  readonly #deps: AnsweringDeps;
  readonly #response: ServerResponse;
  readonly #family: Family;
  readonly #timetoken: bigint;
  readonly #bodiless: boolean;
  /** The pattern of the path, once it is known. */
  route: string;

  constructor({ response, family, timetoken, bodiless }: AnsweringSeed, deps: AnsweringDeps) {
    this.#deps = deps;
    this.#response = response;
    this.#family = family;
    this.#timetoken = timetoken;
    this.#bodiless = bodiless;
    this.route = family.prefix;
  }

  /** Writes the answer, when it is there. */
  take(answer: MaybePromise<Answer>): void {
    if (!isPromise(answer)) {
      this.write(answer);
      return;
    }
    void answer.then(
      (given) => this.#writeOrFail(given),
      (error: unknown) => this.fail(error),
    );
  }

  fail(error: unknown): void {
    const failing = { family: this.#family, route: this.route, timetoken: this.#timetoken };
    this.write(answerToFault(error, failing, this.#deps.log));
  }

  write(answer: Answer): void {
    // Whoever waited comes back, on a connection to whatever takes over.
    if (this.#deps.openCalls.ended) this.#response.shouldKeepAlive = false;
    writeAnswer(this.#response, answer, this.#bodiless);
    this.#deps.answered?.(this.route, answer.status);
  }

  #writeOrFail(answer: Answer): void {
    try {
      this.write(answer);
    } catch (error) {
      this.fail(error);
    }
  }
}

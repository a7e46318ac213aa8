import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { Emitter } from '../../base/events.ts';
import { readAll, sourceOf } from '../../base/streams.ts';
import type { HttpHandler, HttpResponse } from '../../protocol/http.ts';
import { parseJson, writeJson, type Json } from '../json.ts';

/** A request as the engine saw it. */
export interface SeenRequest {
  readonly method: string;
  /** As it was sent, with the version. */
  readonly target: string;
  readonly body: Json;
  readonly status: number;
}

/** Answers by method and path, with the query or for every query: JSON, or the text of a stream. */
export type FixedAnswers = Readonly<Record<string, Json | string>>;

/** An engine in front of which somebody writes down what it is asked. */
export class RecordedEngine {
  readonly requests: SeenRequest[] = [];
  readonly handler: HttpHandler;
  readonly #seen = new Emitter<void>();

  constructor(engine: HttpHandler) {
    this.handler = async (request) => {
      const bytes = await readAll(request.body);
      const response = await engine({ ...request, body: sourceOf(bytes) });
      const { method, target } = request;
      // An archive is none of the words that are compared.
      const isJson = bytes.length > 0 && request.headers['content-type'] === 'application/json';
      this.requests.push({ method, target, body: isJson ? parseJson(fromUtf8(bytes)) : null, status: response.status });
      this.#seen.emit();
      return response;
    };
  }

  /** Resolves once a request was answered whose method and target, without version, match. */
  async saw(pattern: RegExp): Promise<SeenRequest> {
    for (;;) {
      const found = this.requests.find(({ method, target }) => pattern.test(`${method} ${withoutVersion(target)}`));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const subscription = this.#seen.event(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
  }
}

/** Fixed answers where there are any; the rest is another engine's, without which nothing else exists. */
export function answering(answers: FixedAnswers, otherwise: HttpHandler = async () => nothingThere): HttpHandler {
  const known = new Map(Object.entries(answers));
  return (request) => {
    const target = withoutVersion(request.target);
    const path = target.split('?', 1)[0] ?? '';
    const answer = known.get(`${request.method} ${target}`) ?? known.get(`${request.method} ${path}`);
    return answer === undefined ? otherwise(request) : Promise.resolve(reply(200, answer));
  };
}

export function withoutVersion(target: string): string {
  return target.replace(/^\/v1\.\d+/, '');
}

function reply(status: number, answer: Json | string): HttpResponse {
  const text = typeof answer === 'string' ? answer : `${writeJson(answer)}\n`;
  return { status, headers: { 'content-type': 'application/json' }, body: utf8(text) };
}

const nothingThere = reply(404, { message: 'page not found' });

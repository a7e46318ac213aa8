import { isObject, parseJson, writeJson, type Json } from '../../../src/cli/json.ts';
import type { Outcome } from './cases.ts';

/** Without what differs from run to run: the order of requests side by side and of Go's maps, the time, and the engine's IDs. */
export function settled(outcome: Outcome): Outcome {
  return withoutIds(withoutTimes(outcome));
}

/** Whole numbers beyond 2^53 included. */
function read(text: string): Outcome {
  return Object(parseJson(text));
}

/** IDs that the engine drew become ID1, ID2 … in the order they are met; a digest is one of contents and stays. */
function withoutIds(outcome: Outcome): Outcome {
  const text = writeJson(outcome);
  const found = [...new Set([...text.matchAll(/(?<![0-9a-f]|sha256:)[0-9a-f]{64}(?![0-9a-f])/g)].map(([id]) => id))];
  const drawn = found.filter((id) => new Set(id).size > 1);
  return read(
    drawn.reduce((all, id, index) => all.replaceAll(id, `ID${index + 1}`).replaceAll(id.slice(0, 12), `SHORT_ID${index + 1}`), text),
  );
}

function withoutTimes(outcome: Outcome): Outcome {
  const requests = [...outcome.requests]
    .sort((a, b) => (`${a.method} ${a.target}` < `${b.method} ${b.target}` ? -1 : 1))
    .map((request) => ({
      ...request,
      target: request.target.replaceAll(/=(\d{10})(?=&|$)/g, relative),
      body: sortedSubnets(sortedMaps(request.body)),
    }))
    // `stats --no-stream` opens the event stream only to close it; ours does not.
    .filter((request) => !request.target.startsWith('/events?filters=%7B%22type%22%3A%7B%22container%22%3Atrue%7D%7D'));
  const stdout = outcome.stdout
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, 'THEN')
    .replaceAll(/(?<=not found: open )\/\w+…/g, 'PATH…')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, relativeDate);
  // Ours does not tell one to install buildx.
  const stderr = outcome.stderr.replace(/^DEPRECATED: The legacy builder is deprecated(?:.*\n)+?\n/, '');
  return { ...outcome, stdout, stderr, requests };
}

/** The real client collects the subnets of a network in a map. */
function sortedSubnets(body: Json): Json {
  if (!isObject(body) || !isObject(body['IPAM'] ?? null)) return body;
  const { Config: config, ...ipam } = Object(body['IPAM']);
  if (!Array.isArray(config)) return body;
  return { ...body, IPAM: { ...ipam, Config: config.toSorted((a, b) => (writeJson(a) < writeJson(b) ? -1 : 1)) } };
}

const year = 365 * 24 * 3600;

/** A time that was counted back from now. */
function relative(whole: string, seconds: string): string {
  return Math.abs(Date.now() / 1000 - Number(seconds)) < year / 2 ? '=THEN' : whole;
}

function relativeDate(date: string): string {
  return Math.abs(Date.now() - Date.parse(date)) < (year / 2) * 1000 ? 'THEN' : date;
}

/** The real client collects binds and, on its way through proxy settings, the environment in maps. */
function sortedMaps(body: Json): Json {
  if (!isObject(body) || !isObject(body['HostConfig'] ?? null)) return body;
  const { Binds: binds, ...hostConfig } = Object(body['HostConfig']);
  const env = body['Env'] ?? null;
  return {
    ...body,
    Env: Array.isArray(env) ? [...env].sort() : env,
    HostConfig: { ...hostConfig, Binds: Array.isArray(binds) ? [...binds].sort() : binds },
  };
}

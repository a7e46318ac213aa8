/** Where our answer is another than the real engine's, and why that is right. */
interface Difference {
  readonly why: string;
  /** Of the request in one line, the real engine's answer, and ours. */
  readonly request?: RegExp;
  readonly real?: RegExp;
  readonly ours?: RegExp;
}

export const differences: readonly Difference[] = [
  { why: 'the real engine ran where control groups have no controllers', real: /kernel does not support|CFS scheduler/ },
  { why: 'drivers that send elsewhere are json-file, with a warning', ours: /^201 Logging driver \w+ is not available/ },
  { why: 'logs are kept in memory, which a warning says', real: /^201$/, ours: /^201 Log option \S+ is discarded/ },
  { why: 'nothing is fetched from a URL', request: /images\/create$/, ours: /^400 fromImage or fromSrc is needed/ },
  {
    why: 'a container of no image is not made',
    request: /create \{"Image":(""|null),/,
    real: /^201$/,
    ours: /^400 invalid reference format$/,
  },
  { why: 'null is an empty endpoint', request: /"bridge":null/ },
  { why: 'our image is of another platform', request: /platform=linux%2Famd64%2Fv9/ },
  { why: 'the real one knows version 1.51, and so a 1.50.1', request: /v1\.50\.1/ },
  { why: 'the list of images takes the same `until` as a prune', request: /images\/json\?filters=%7B%22until/ },
];

/** The reason for a difference; undefined: there is none. */
export function reasonOf(request: string, real: string, ours: string): string | undefined {
  return differences.find(
    (each) => (each.request?.test(request) ?? true) && (each.real?.test(real) ?? true) && (each.ours?.test(ours) ?? true),
  )?.why;
}

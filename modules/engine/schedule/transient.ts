/** One kind of failure that goes away by itself. */
export interface Transient {
  /** What people are told. */
  readonly what: string;
  readonly pattern: RegExp;
  /** How often it may be tried in all. */
  readonly attempts: number;
}

/**
 * Failures that are worth another attempt, as engines and providers word them. Anything else is a fault of the
 * configuration, of rights or of the cloud, and trying again would only hide it for a while.
 */
export const transients: readonly Transient[] = [
  // Before the general rows: an engine already waits for its lock by itself.
  { what: 'the state is locked', pattern: /error (?:acquiring|locking) (?:the )?state|state (?:is )?already locked|lock info:/iu, attempts: 2 },
  {
    what: 'the registry did not answer',
    pattern: /(?:registry|provider packages|provider plugins?|module)[^]*(?:timeout|timed out|deadline exceeded|connection reset)/iu,
    attempts: 4,
  },
  { what: 'too many requests', pattern: /\b429\b|too many requests|rate limit(?:ed| exceeded)/iu, attempts: 4 },
  { what: 'the service is not available', pattern: /\b50[234]\b[^\d]|service unavailable|bad gateway|gateway time-?out/iu, attempts: 4 },
  {
    what: 'the connection was cut',
    pattern: /connection reset|broken pipe|unexpected EOF|connection closed|server closed idle connection|http2: server sent GOAWAY/iu,
    attempts: 4,
  },
  { what: 'no connection', pattern: /connection refused|no route to host|network is unreachable|temporary failure in name resolution/iu, attempts: 3 },
  { what: 'no answer in time', pattern: /i\/o timeout|TLS handshake timeout|Client\.Timeout exceeded|context deadline exceeded/iu, attempts: 3 },
];

/** The kind of transient failure a message tells of; undefined: not one of them. */
export function transientOf(message: string): Transient | undefined {
  return transients.find(({ pattern }) => pattern.test(message));
}

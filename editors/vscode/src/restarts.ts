/** When a server that has ended by itself is started again. Knows no clock and no server. */

/** Seconds before the first, second, ... start; the last one is repeated. */
const PAUSES = [0.25, 1, 4, 15, 60];
/** A server that ran this long, in seconds, was well: the pauses begin anew. */
const WELL = 180;
/** A server that ends earlier than this, in seconds, has not come up. */
const EARLY = 10;
/** After so many of those in a row the user is told. */
const EARLY_TO_TELL = 3;

/** What has happened so far; start with `NO_FAILURES`. */
export interface Failures {
  readonly inARow: number;
  readonly earlyInARow: number;
}

export const NO_FAILURES: Failures = { inARow: 0, earlyInARow: 0 };

export interface Restart {
  readonly failures: Failures;
  /** How long to wait before the next start, in seconds. */
  readonly pause: number;
  /** Whether the user should be told, which is so once in a row of failures. */
  readonly isTimeToTell: boolean;
}

/**
 * Returns what to do after a server has ended by itself.
 *
 * @param lasted How long it ran, in seconds.
 */
export function afterFailure(failures: Failures, lasted: number): Restart {
  const inARow = lasted >= WELL ? 1 : failures.inARow + 1;
  const earlyInARow = lasted < EARLY ? failures.earlyInARow + 1 : 0;
  const pause = PAUSES[Math.min(inARow, PAUSES.length) - 1] ?? 0;
  return { failures: { inARow, earlyInARow }, pause, isTimeToTell: earlyInARow === EARLY_TO_TELL };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { afterFailure, NO_FAILURES } from "../src/restarts";

/** Returns the pauses and the times to tell of servers that ran for so many seconds each. */
function history(...lasted: readonly number[]): { pauses: number[]; told: boolean[] } {
  let failures = NO_FAILURES;
  const pauses: number[] = [];
  const told: boolean[] = [];
  for (const seconds of lasted) {
    const restart = afterFailure(failures, seconds);
    failures = restart.failures;
    pauses.push(restart.pause);
    told.push(restart.isTimeToTell);
  }
  return { pauses, told };
}

test("restarts: the pauses grow up to a minute and stay there", () => {
  assert.deepEqual(history(30, 30, 30, 30, 30, 30, 30).pauses, [0.25, 1, 4, 15, 60, 60, 60]);
});

test("restarts: three minutes without a crash make the next one the first", () => {
  assert.deepEqual(history(30, 30, 179, 180, 30).pauses, [0.25, 1, 4, 0.25, 1]);
});

test("restarts: a server that never comes up is told of once", () => {
  assert.deepEqual(history(1, 1, 1, 1, 1).told, [false, false, true, false, false]);
});

test("restarts: one that comes up and crashes later is not told of", () => {
  assert.deepEqual(history(1, 1, 60, 1, 1, 60).told, [false, false, false, false, false, false]);
});

/** The outcome of one attempt to tell a receiver. */
export interface DeliveryAttempt {
  /** `failed`: it is tried again; `unwanted`: the receiver wants no more attempts. */
  readonly outcome: 'delivered' | 'failed' | 'unwanted';
  /** A text for people. */
  readonly answer: string;
}

/** How long to wait after the first attempt, the second and so on. After the last one a delivery is given up. */
const DELAYS_SEC = [10, 60, 300, 1_200, 3_600, 7_200, 14_400, 21_600, 36_000];

export const MAX_ATTEMPTS = DELAYS_SEC.length + 1;
/** Random, so that receivers that failed together are not all tried again together. */
const SPREAD = 0.1;

/** @param attempt - the number of the one that failed, from 1. @returns null: there is no further attempt */
export function retryDelaySec(attempt: number): number | null {
  const delaySec = DELAYS_SEC[attempt - 1];
  return delaySec === undefined ? null : delaySec * (1 + Math.random() * SPREAD);
}

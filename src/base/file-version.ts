import type { BigIntStats } from 'node:fs';

/**
 * What tells a file from a later one of the same name: its size in bytes and the time of its last change in nanoseconds.
 * A copy of the file with its times kept counts as the same.
 */
export function fileVersion({ size, mtimeNs }: Pick<BigIntStats, 'size' | 'mtimeNs'>): string {
  return `${size}-${mtimeNs}`;
}

import type { EafAnnotation, EafDocument } from './document.ts';
import type { Hierarchy } from './hierarchy.ts';

/**
 * Gives times to time slots that have none, as ELAN does. Annotations that follow each other without a gap evenly share
 * the time between the two known ends of their row; a tier comes after the tier on which it depends. A slot in no such
 * row gets a time between those of its neighbours in TIME_ORDER.
 * @returns the times of all slots, as in `EafDocument`; NaN: no slot with a known time follows
 */
export function fillSlotTimes(document: EafDocument, { parentsFirst }: Hierarchy): Float64Array {
  const times = Float64Array.from(document.slotTimes);
  if (!times.some(Number.isNaN)) return times;
  for (const number of parentsFirst) {
    const tier = document.tiers[number];
    if (tier !== undefined) spreadRows(document.annotations.slice(tier.from, tier.to), times);
  }
  spreadBetweenNeighbours(times);
  return times;
}

/** Sets the open slots of one tier that are in rows with two known ends. */
function spreadRows(annotations: readonly EafAnnotation[], times: Float64Array): void {
  const isOpen = (slot: number) => Number.isNaN(times[slot]);
  const endOf = new Map<number, number>();
  for (const { startSlot, endSlot } of annotations) {
    if (startSlot === null || endSlot === null) continue;
    if (isOpen(startSlot) && !endOf.has(startSlot)) endOf.set(startSlot, endSlot);
  }
  // Each slot is visited once, so that a row without a known end, or in a circle, costs no more time.
  const walked = new Set<number>();
  for (const { startSlot, endSlot } of annotations) {
    if (startSlot === null || endSlot === null || isOpen(startSlot)) continue;
    const row: number[] = [];
    let end: number | undefined = endSlot;
    while (end !== undefined && isOpen(end) && !walked.has(end)) {
      walked.add(end);
      row.push(end);
      end = endOf.get(end);
    }
    if (end !== undefined && !isOpen(end)) spread(row, times, times[startSlot] ?? 0, times[end] ?? 0);
  }
}

function spreadBetweenNeighbours(times: Float64Array): void {
  let known = 0;
  let row: number[] = [];
  for (const [slot, time] of times.entries()) {
    if (Number.isNaN(time)) {
      row.push(slot);
      continue;
    }
    spread(row, times, known, time);
    row = [];
    known = time;
  }
}

/** Spreads slots evenly between two times. */
function spread(slots: readonly number[], times: Float64Array, from: number, to: number): void {
  for (const [index, slot] of slots.entries())
    times[slot] = from + ((to - from) * (index + 1)) / (slots.length + 1);
}

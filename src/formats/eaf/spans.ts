import { type MalformedLines, quoteFound } from '../malformed.ts';
import { linesOf } from '../tiers.ts';
import type { EafAnnotation, EafDocument } from './document.ts';
import type { Hierarchy } from './hierarchy.ts';
import { type EafId, fromId } from './ids.ts';
import { fillSlotTimes } from './slot-times.ts';

/** From when to when each annotation lasts, by its number, in milliseconds of ELAN's timeline. */
export interface Spans {
  readonly startsMs: Float64Array;
  readonly endsMs: Float64Array;
}

/**
 * Annotations that refer to another have its time; where several of one tier refer to the same, they share it evenly, in
 * the order that PREVIOUS_ANNOTATION tells.
 * @param faults - takes annotations whose time cannot be found
 */
export function findSpans(document: EafDocument, hierarchy: Hierarchy, faults: MalformedLines): Spans {
  const { annotations, unitMs } = document;
  const slotTimes = fillSlotTimes(document, hierarchy);
  const startsMs = new Float64Array(annotations.length).fill(Number.NaN);
  const endsMs = new Float64Array(annotations.length).fill(Number.NaN);
  const found: number[] = [];
  for (const [number, annotation] of annotations.entries()) {
    const { startSlot, endSlot } = annotation;
    if (startSlot === null || endSlot === null) continue;
    startsMs[number] = (slotTimes[startSlot] ?? Number.NaN) * unitMs;
    endsMs[number] = (slotTimes[endSlot] ?? Number.NaN) * unitMs;
    if (Number.isNaN(startsMs[number]) || Number.isNaN(endsMs[number]))
      faults.add(
        linesOf(annotation),
        'expected a time after it in TIME_ORDER, found time slots without TIME_VALUE only; give it a time in ELAN',
      );
    found.push(number);
  }
  if (found.length === annotations.length) return { startsMs, endsMs };

  const childrenOf = findReferences(annotations, faults);
  for (let at = 0; at < found.length; at++) {
    const parent = found[at] ?? -1;
    for (const siblings of byTier(childrenOf.get(parent) ?? [], annotations)) {
      divide([...inOrder(siblings, annotations)], parent, { startsMs, endsMs });
      for (const one of siblings) found.push(one);
    }
  }
  if (found.length < annotations.length) findLost(document, childrenOf, found, faults);
  return { startsMs, endsMs };
}

/** Numbers of the annotations that refer to one, by its number. */
function findReferences(
  annotations: readonly EafAnnotation[],
  faults: MalformedLines,
): ReadonlyMap<number, readonly number[]> {
  const numbers = new Map<EafId, number>();
  const twice = new Set<EafId>();
  for (const [number, { id }] of annotations.entries()) {
    if (numbers.has(id)) twice.add(id);
    else numbers.set(id, number);
  }
  const children = new Map<number, number[]>();
  for (const [number, annotation] of annotations.entries()) {
    const { ref } = annotation;
    // It has no id, which was reported before.
    if (ref === null || ref === '') continue;
    const parent = numbers.get(ref);
    if (parent === undefined || twice.has(ref)) {
      const count = parent === undefined ? 'none' : 'two';
      const text = `expected one annotation ${quoteFound(fromId(ref, 'a'))}, to which this one refers, found ${count}; correct ANNOTATION_REF or the id`;
      faults.add(linesOf(annotation), text);
      continue;
    }
    const siblings = children.get(parent) ?? [];
    children.set(parent, siblings);
    siblings.push(number);
  }
  return children;
}

/** Tiers stand one after the other in the file, and so do their annotations. */
function byTier(numbers: readonly number[], annotations: readonly EafAnnotation[]): number[][] {
  const groups: number[][] = [];
  let tier: number | undefined;
  for (const number of numbers) {
    if (groups.length === 0 || annotations[number]?.tier !== tier) groups.push([]);
    tier = annotations[number]?.tier;
    groups.at(-1)?.push(number);
  }
  return groups;
}

/** Those without a predecessor, each with all that follow it; then those whose predecessors are nowhere. */
function inOrder(siblings: readonly number[], annotations: readonly EafAnnotation[]): Iterable<number> {
  if (siblings.length < 2) return siblings;
  const firsts: number[] = [];
  const followers = new Map<EafId, number[]>();
  for (const number of siblings) {
    const previous = annotations[number]?.previous ?? null;
    const list = previous === null ? firsts : (followers.get(previous) ?? []);
    if (previous !== null) followers.set(previous, list);
    list.push(number);
  }
  const ordered = new Set<number>();
  for (const first of [firsts, siblings].flat()) {
    const stack = [first];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (ordered.has(next)) continue;
      ordered.add(next);
      for (const one of (followers.get(annotations[next]?.id ?? '') ?? []).toReversed()) stack.push(one);
    }
  }
  return ordered;
}

function divide(numbers: readonly number[], parent: number, { startsMs, endsMs }: Spans): void {
  const [start, end] = [startsMs[parent] ?? 0, endsMs[parent] ?? 0];
  const boundary = (index: number) =>
    index === numbers.length ? end : start + ((end - start) * index) / numbers.length;
  for (const [index, number] of numbers.entries()) {
    startsMs[number] = boundary(index);
    endsMs[number] = boundary(index + 1);
  }
}

/** Annotations that refer to themselves through others. Those that refer to nothing were reported before. */
function findLost(
  { annotations }: EafDocument,
  childrenOf: ReadonlyMap<number, readonly number[]>,
  found: readonly number[],
  faults: MalformedLines,
): void {
  const isFound = new Set(found);
  for (const number of [...childrenOf.values()].flat()) {
    const annotation = annotations[number];
    if (annotation !== undefined && !isFound.has(number))
      faults.add(
        linesOf(annotation),
        'expected ANNOTATION_REF to lead to an annotation with a time, found none on the way; correct it',
      );
  }
}

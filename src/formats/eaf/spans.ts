import { type MalformedLines, quoteFound } from '../malformed.ts';
import { linesOf } from '../tiers.ts';
import type { EafAnnotation, EafDocument } from './document.ts';
import type { Hierarchy } from './hierarchy.ts';
import { type EafId, fromId } from './ids.ts';
import { fillSlotTimes } from './slot-times.ts';

/** The start and end of each annotation, by its number, in milliseconds as the file counts them (without TIME_ORIGIN). */
export interface Spans {
  readonly startsMs: Float64Array;
  readonly endsMs: Float64Array;
}

/**
 * Finds the time of each annotation. An annotation that refers to another gets its time. If several annotations of one
 * tier refer to the same annotation, they share its time evenly, in the order of PREVIOUS_ANNOTATION.
 * @param faults - gets annotations whose time cannot be found
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
  if (found.length < annotations.length) reportLost(document, childrenOf, found, faults);
  return { startsMs, endsMs };
}

/** The numbers of the annotations that refer to an annotation, by the number of that annotation. */
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
    // A missing ANNOTATION_REF was already reported.
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

/** Groups annotations by tier. In the file, those of one tier follow each other. */
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

/**
 * Orders annotations of one tier that refer to the same annotation: those without PREVIOUS_ANNOTATION, each with all that
 * follow it; then those whose PREVIOUS_ANNOTATION is not among them, or leads back to them.
 */
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

/** Divides the time of an annotation evenly among others. */
function divide(numbers: readonly number[], parent: number, { startsMs, endsMs }: Spans): void {
  const [start, end] = [startsMs[parent] ?? 0, endsMs[parent] ?? 0];
  const boundary = (index: number) =>
    index === numbers.length ? end : start + ((end - start) * index) / numbers.length;
  for (const [index, number] of numbers.entries()) {
    startsMs[number] = boundary(index);
    endsMs[number] = boundary(index + 1);
  }
}

/** Reports annotations whose references lead to no annotation with time slots: in a circle, or to a missing one. */
function reportLost(
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

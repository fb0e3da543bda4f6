/** Sums of products over one array of 32-bit floats. */
export interface DotProduct {
  readonly floats: Float32Array;
  /**
   * Sum of `floats[a + i] * floats[b + i]` for i from 0 to count - 1.
   * @param count - a multiple of 8, at least 8; both stretches lie inside the array
   */
  readonly sum: (a: number, b: number, count: number) => number;
}

/** The types of WebAssembly that are used here: Node has it, but only the types of browsers describe it. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
};

const PAGE_BYTES = 65_536;
const FLOAT_BYTES = 4;

/**
 * Makes a function that sums four products at a time with the vector instructions of WebAssembly. JavaScript has none:
 * there the same loop took six times as long (170 instead of 28 ns for 176 products on one machine), most of the time
 * of a resampler.
 */
export function createDotProduct(floatCount: number): DotProduct {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((floatCount * FLOAT_BYTES) / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { js: { mem: memory } });
  const sumOfBytes = exports['sum'] as (aByte: number, bByte: number, aEndByte: number) => number;
  return {
    floats: new Float32Array(memory.buffer),
    sum: (a, b, count) => sumOfBytes(a * FLOAT_BYTES, b * FLOAT_BYTES, (a + count) * FLOAT_BYTES),
  };
}

// One instruction on each line, as bytes. Source: WebAssembly specification 2.0, "Binary Format".
const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const END = 0x0b;
const F32_ADD = 0x92;
const [A, B, A_END, SUM_1, SUM_2] = [0, 1, 2, 3, 4] as const;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const load = (local: number, byteOffset: number): number[] => [...get(local), 0xfd, 0x00, 0x02, byteOffset];
const lane = (vector: number, index: number): number[] => [...get(vector), 0xfd, 0x1f, index];
const vectorAdd = [0xfd, 0xe4, 0x01];
const vectorMultiply = [0xfd, 0xe6, 0x01];
const addProducts = (sum: number, byteOffset: number): number[] => [
  ...load(A, byteOffset),
  ...load(B, byteOffset),
  ...vectorMultiply,
  ...get(sum),
  ...vectorAdd,
  ...set(sum),
];
const advance = (local: number): number[] => [...get(local), 0x41, 32, 0x6a];
const section = (id: number, content: readonly number[]): number[] => [id, content.length, ...content];
const name = (text: string): number[] => [text.length, ...Buffer.from(text, 'latin1')];

/** (a, b, aEnd) => do { two vectors of products } while (a < aEnd); then the eight sums as one. */
const BODY: readonly number[] = [
  ...[1, 2, V128], // one group of locals: SUM_1 and SUM_2, zero at first
  ...[0x03, 0x40], // loop
  ...addProducts(SUM_1, 0),
  ...addProducts(SUM_2, 16), // a second sum, since additions to a single one would wait for each other
  ...[...advance(B), ...set(B)],
  ...[...advance(A), ...tee(A)],
  ...[...get(A_END), 0x49], // less than, unsigned
  ...[0x0d, 0, END], // branch to the loop's begin
  ...[...get(SUM_1), ...get(SUM_2), ...vectorAdd, ...set(SUM_1)],
  ...[...lane(SUM_1, 0), ...lane(SUM_1, 1), F32_ADD],
  ...[...lane(SUM_1, 2), F32_ADD],
  ...[...lane(SUM_1, 3), F32_ADD],
  END,
];

const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
  ...section(1, [1, 0x60, 3, I32, I32, I32, 1, F32]), // one type: three integers to a float
  ...section(2, [1, ...name('js'), ...name('mem'), 0x02, 0, 1]), // the memory, at least a page
  ...section(3, [1, 0]), // one function of that type
  ...section(7, [1, ...name('sum'), 0x00, 0]), // exported
  ...section(10, [1, BODY.length, ...BODY]),
]);

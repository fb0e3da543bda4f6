/** `1,204` */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** `1 recording`, `1,204 recordings` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

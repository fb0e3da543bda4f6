/** The first of many by their names, and how many more there are: `a, b and 3 more`. */
export function nameSome<T>(
  all: readonly T[],
  most: number,
  nameOf: (one: T) => string,
  separator = ', ',
): string {
  const named = all.slice(0, most).map(nameOf).join(separator);
  return all.length > most ? `${named} and ${all.length - most} more` : named;
}

/** A database address without its passwords, for messages and logs. One that holds an `@` goes as a whole. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):[\s\S]*@/, '$1@').replace(/([?&](?:ssl)?password=)[^&]*/gi, '$1***');
}

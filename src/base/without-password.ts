/** A database address without its passwords, for messages and logs. A password may hold an `@`. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):[\s\S]*@/, '$1@').replace(/([?&](?:ssl)?password=)[^&]*/gi, '$1***');
}

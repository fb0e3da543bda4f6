const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** Enough of an id to tell tasks or instances apart on a screen; commands take it, too. Only a UUID is cut. */
export function shortId(id: string): string {
  return UUID.test(id) ? id.slice(0, 8) : id;
}

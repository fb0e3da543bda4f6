const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * A time of the older worker's table, such as `2024-05-31 13:45:00`. Without a zone it is UTC: mysqldump and the older
 * worker write UTC.
 * @returns null: there is none
 */
export function readOldTime(text: string | null): Date | null | 'unreadable' {
  if (text === null || text.startsWith('0000-00-00')) return null;
  const match = TIME.exec(text);
  if (match === null) return 'unreadable';
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = match;
  const offset = zone.length === 3 ? `${zone}:00` : zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const at = new Date(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}${offset}`,
  );
  return Number.isNaN(at.getTime()) ? 'unreadable' : at;
}

/** The page's words for parts of findings that speak of files of the site or of options of a command. */
const FIXES: readonly (readonly [said: RegExp, instead: string])[] = [
  [
    /(write it as it is spoken, or )?add it to your dictionary, .*<TAB>.*$/s,
    '$1write its pronunciation in the table of unknown words before you align',
  ],
  [
    /submit without this one, or try again with --partial/,
    'leave this one out, or choose “Give a result even if some parts cannot be aligned” in the options',
  ],
  [/, or say which they are with --columns/, ''],
];

/** The text of a finding, with a fix that is possible in the page. */
export function findingText(text: string): string {
  return FIXES.reduce((now, [said, instead]) => now.replace(said, instead), text);
}

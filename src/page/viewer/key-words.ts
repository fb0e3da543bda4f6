/** What the keys of the viewer do, for the list of keys. The keys are in `keys.ts`. */
export const KEY_WORDS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['Tab', 'Space'], 'play the selection, or stop'],
  [['L'], 'play it again and again'],
  [['←', '→'], 'go to the interval before or after'],
  [['↑', '↓'], 'go to the tier above or below'],
  [['I', 'O'], 'zoom in, out'],
  [['A', 'N'], 'show all, show the selection'],
  [['D', 'Shift D'], 'go to the next or previous doubtful place'],
  [['Enter'], 'edit the label; at the cursor, insert a boundary'],
  [['B'], 'insert a boundary at the cursor, or in the middle of the interval'],
  [['Alt Backspace', 'Alt Delete'], 'remove the boundary at the start, at the end of the interval'],
  [['Alt ←', 'Alt →'], 'move the start of the interval by 5 ms'],
  [['Alt Shift ←', 'Alt Shift →'], 'move its end by 5 ms'],
  [['Shift'], 'with B, Alt Backspace or Alt Delete: in this tier alone'],
  [['Ctrl Z', 'Ctrl Y'], 'undo, redo'],
  [['Esc', 'Tab'], 'leave the picture'],
];

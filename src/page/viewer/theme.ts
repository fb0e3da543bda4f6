/** Colours of the viewer, from custom properties of its element: the style sheet decides between light and dark. */
export interface Theme {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly wave: string;
  readonly accent: string;
  readonly selected: string;
  readonly doubtful: string;
  readonly dense: string;
  readonly font: string;
}

export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--viewer-${name}`).trim();
  return {
    ground: read('ground'),
    text: read('text'),
    quiet: read('quiet'),
    line: read('line'),
    wave: read('wave'),
    accent: read('accent'),
    selected: read('selected'),
    doubtful: read('doubtful'),
    dense: read('dense'),
    font: style.fontFamily,
  };
}

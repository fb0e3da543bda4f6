/** Makes an element with some properties and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> & { readonly set?: Readonly<Record<string, string>> } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const { set: attributes = {}, ...rest } = properties;
  const made = document.createElement(name);
  Object.assign(made, rest);
  for (const [attribute, value] of Object.entries<string>(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

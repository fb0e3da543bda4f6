import htm from 'htm';
import { type ComponentChildren, h, type VNode } from 'preact';

/** The return type of a component. */
export type View = VNode | null;
export type Children = ComponentChildren;

/** Markup in a template, as a tree of preact. */
export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

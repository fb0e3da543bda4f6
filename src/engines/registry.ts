import type { LanguageSources } from '../lexicon/load-languages.ts';
import type { Engine } from './engine.ts';
import { FASE } from './htk/fase.ts';
import { FAVE } from './htk/fave.ts';
import { installEngine } from './installed.ts';
import type { EngineKind } from './kind.ts';
import type { Launcher } from './launcher.ts';
import { MFA1 } from './mfa/mfa1.ts';
import { MFA2 } from './mfa/mfa2.ts';
import { SPHINX } from './sphinx/sphinx.ts';

/** Every engine that there is a driver for. Its settings, its health and its languages follow from this line. */
export const ENGINE_KINDS: readonly EngineKind[] = [SPHINX, MFA1, MFA2, FAVE, FASE];

/** What a site says of its engines. */
export interface EngineSite {
  /** What each engine's setting says, by the engine's name; not there: not set. */
  readonly installations: Readonly<Record<string, string>>;
  /** What is put before each engine, by its name; not there: nothing. */
  readonly launchers: Readonly<Record<string, Launcher>>;
  /** What engines may inherit is picked from here by an allow-list. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** All engines by name. One that is not installed is here too: its health says so. */
export function createEngines({
  installations,
  launchers,
  inherited,
}: EngineSite): ReadonlyMap<string, Engine> {
  return new Map(
    ENGINE_KINDS.map((kind) => {
      const { name } = kind;
      const place = installations[name] ?? null;
      return [name, installEngine(kind, { place, launcher: launchers[name] ?? [], env: inherited })];
    }),
  );
}

/**
 * Where languages come from.
 * @param adminDir - null: only those that come with engines
 */
export function languageSources(
  adminDir: string | null,
  engines: ReadonlyMap<string, Engine>,
): LanguageSources {
  return {
    adminDir,
    builtIn: [...engines.values()].flatMap((engine) => engine.builtInLanguages),
    needsModel: (engine) => ENGINE_KINDS.some(({ name, needsModel }) => name === engine && needsModel),
  };
}

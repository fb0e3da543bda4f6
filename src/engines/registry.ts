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

/** All engines that have a driver. Settings, `doctor`, `status` and languages use this list. */
export const ENGINE_KINDS: readonly EngineKind[] = [SPHINX, MFA1, MFA2, FAVE, FASE];

/** The settings of a site about its engines. */
export interface EngineSite {
  /** The value of each engine's setting, by the engine's name. Left out: it is not set. */
  readonly installations: Readonly<Record<string, string>>;
  /** The launcher of each engine, by the engine's name. Left out: it has none. */
  readonly launchers: Readonly<Record<string, Launcher>>;
  /** The environment of the worker; `engineEnvironment` takes a part of it. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** All engines by name, also those that are not installed: their health tells that. */
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
 * The sources of languages: the engines and a folder.
 * @param adminDir - null: only the languages that come with engines
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

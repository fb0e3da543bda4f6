import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api.ts';

/** An answer of the server. The last one stays while a newer one is fetched or cannot be fetched. */
export interface Loaded<Value> {
  readonly value: Value | null;
  readonly problem: Problem | null;
  readonly isLoading: boolean;
  /** Asks again, one request at a time. */
  readonly reload: () => void;
  readonly change: (change: (value: Value) => Value) => void;
}

const RETRY_MS = 3_000;

/** @param key - what is requested; with another key the answer is forgotten */
export function useLoaded<Value>(key: string, load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value: Value | null; problem: Problem | null }>({
    key,
    value: null,
    problem: null,
  });
  const reloadRef = useRef<() => void>(() => undefined);
  useEffect(() => {
    const abort = new AbortController();
    let isAsking = false;
    let isWanted = false;
    const run = async (): Promise<void> => {
      if (isAsking) {
        isWanted = true;
        return;
      }
      isAsking = true;
      isWanted = false;
      try {
        const value = await load(abort.signal);
        if (!abort.signal.aborted) setState({ key, value, problem: null });
      } catch (error) {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(500, '', String(error));
        setState((old) => ({ key, value: old.key === key ? old.value : null, problem }));
        if (problem.status === 0 || problem.status >= 500) setTimeout(() => void again(), RETRY_MS);
      } finally {
        isAsking = false;
      }
      if (isWanted) void run();
    };
    const again = async (): Promise<void> => {
      if (!abort.signal.aborted) await run();
    };
    reloadRef.current = () => void again();
    void run();
    return () => abort.abort();
  }, [key]);
  const isCurrent = state.key === key;
  const value = isCurrent ? state.value : null;
  const problem = isCurrent ? state.problem : null;
  return {
    value,
    problem,
    isLoading: value === null && problem === null,
    reload: () => reloadRef.current(),
    change: (change) =>
      setState((old) => (old.key !== key || old.value === null ? old : { ...old, value: change(old.value) })),
  };
}

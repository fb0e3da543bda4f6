import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 15_000;

/** The current time, updated a few times a minute, for texts such as `4 min ago`. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

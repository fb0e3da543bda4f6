/**
 * Does work that Ctrl-C aborts.
 * @returns null when Ctrl-C came before the work had ended
 */
export async function unlessInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return null;
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

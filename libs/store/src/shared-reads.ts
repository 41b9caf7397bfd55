/**
 * One read of a key at a time, and each shared by all who asked for it before it began: what it finds is newer than their questions. However many ask
 * at once, two reads answer them.
 *
 * @param read - rejections reach all who shared it.
 */
export function shareReads<Value>(read: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<Value>>();

  function start(key: string): Promise<Value> {
    const reading = read(key);
    const ended = () => {
      if (running.get(key) === reading) running.delete(key);
    };
    running.set(key, reading);
    reading.then(ended, ended);
    return reading;
  }

  return (key) => {
    const waiting = next.get(key);
    if (waiting) return waiting;
    const before = running.get(key);
    if (!before) return start(key);
    const begin = () => {
      next.delete(key);
      return start(key);
    };
    const later = before.then(begin, begin);
    next.set(key, later);
    return later;
  };
}

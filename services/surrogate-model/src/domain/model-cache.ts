/** What a cache keeps. */
export interface CacheEntry {
  readonly handle: string;
  readonly bytes: number;
}

/** Models by handle, least recently used first out. */
export interface ModelCache<Entry extends CacheEntry> {
  /** The entry, which counts as used now. */
  get(handle: string): Entry | undefined;
  /** Adds an entry and puts out others while the cache is over its limit. The new entry itself stays, however large. */
  put(entry: Entry): void;
  delete(handle: string): void;
  /** Takes out all entries that `condition` holds for. */
  deleteWhere(condition: (entry: Entry) => boolean): void;
  readonly bytes: number;
  readonly size: number;
}

export interface ModelCacheOptions<Entry> {
  /** At least 0. */
  readonly limitBytes: number;
  /** Told of each entry that leaves, for whatever reason. */
  readonly onRemoved: (entry: Entry) => void;
}

export function createModelCache<Entry extends CacheEntry>({
  limitBytes,
  onRemoved,
}: ModelCacheOptions<Entry>): ModelCache<Entry> {
  // A Map keeps the order of insertion: the first is the least recently used.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  function remove(entry: Entry): void {
    entries.delete(entry.handle);
    bytes -= entry.bytes;
    onRemoved(entry);
  }

  return {
    get(handle) {
      const entry = entries.get(handle);
      if (entry) {
        entries.delete(handle);
        entries.set(handle, entry);
      }
      return entry;
    },
    put(entry) {
      const replaced = entries.get(entry.handle);
      if (replaced) remove(replaced);
      entries.set(entry.handle, entry);
      bytes += entry.bytes;
      for (const oldest of entries.values()) {
        if (bytes <= limitBytes || oldest === entry) break;
        remove(oldest);
      }
    },
    delete(handle) {
      const entry = entries.get(handle);
      if (entry) remove(entry);
    },
    deleteWhere(condition) {
      for (const entry of [...entries.values()]) if (condition(entry)) remove(entry);
    },
    get bytes() {
      return bytes;
    },
    get size() {
      return entries.size;
    },
  };
}

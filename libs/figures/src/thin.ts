/**
 * At most `limit` items, in their order: all that must stay, and of the others evenly many, so that a figure of 50,000 trials stays readable and small
 * and none of its notable points is lost.
 *
 * @param stays - whether an item must be kept; if these alone exceed the limit, the last of them are kept
 */
export function thin<T>(
  items: readonly T[],
  limit: number,
  stays: (item: T, index: number) => boolean = () => false,
): T[] {
  if (items.length <= limit) return [...items];
  const kept: number[] = [];
  const others: number[] = [];
  for (const [index, item] of items.entries()) (stays(item, index) ? kept : others).push(index);
  if (kept.length >= limit) return kept.slice(-limit).map((index) => items[index]);
  const room = limit - kept.length;
  const step = others.length / room;
  const sample = Array.from({ length: Math.min(room, others.length) }, (_, k) => others[Math.floor(k * step)]);
  return [...kept, ...sample].sort((a, b) => a - b).map((index) => items[index]);
}

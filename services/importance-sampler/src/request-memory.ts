/** What was answered to requests, so that a repeated one gets the same answer. Forgets the oldest beyond its size. */
export interface RequestMemory<T> {
  get(id: string): T | undefined;
  set(id: string, answer: T): void;
}

/** @param size - requests remembered, at least 1 */
export function createRequestMemory<T>(size: number): RequestMemory<T> {
  const answers = new Map<string, T>();
  return {
    get: (id) => answers.get(id),
    set(id, answer) {
      answers.delete(id);
      answers.set(id, answer);
      if (answers.size > size) answers.delete(answers.keys().next().value!);
    },
  };
}

/** One thing that is held, in words, and whether it is so. */
export interface Check {
  readonly text: string;
  readonly ok: boolean;
}

export function check(text: string, ok: boolean): Check {
  return { text, ok };
}

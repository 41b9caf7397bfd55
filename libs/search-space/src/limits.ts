/** Limits of a space; the wire contract names the same. */
export const spaceLimits = {
  parameters: 200,
  constraints: 100,
  categories: 1000,
  discreteValues: 10_000,
  /** Characters. */
  nameLength: 128,
  /** Characters. */
  categoryLength: 256,
} as const;

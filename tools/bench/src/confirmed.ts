/** What was recorded, and by which sources. */
export interface Sourced {
  /** Of the sources, and of all else that the result depends on. */
  readonly digest: string;
  /** Digests of earlier sources that gave the same result. */
  readonly confirms?: readonly string[];
}

/**
 * A result as it is to be recorded: if the one before it is the same but for its sources, it says so. So a change of sources that changes nothing need not be
 * followed by running everything again: some results suffice to vouch for the others.
 *
 * @param resultOf - what has to be equal, as plain JSON
 */
export function confirming<Record extends Sourced>(
  record: Record,
  earlier: Record | undefined,
  resultOf: (record: Record) => unknown,
): Record {
  if (!earlier || earlier.digest === record.digest) return record;
  if (JSON.stringify(resultOf(earlier)) !== JSON.stringify(resultOf(record))) return record;
  return { ...record, confirms: [...(earlier.confirms ?? []), earlier.digest] };
}

export interface Standing {
  readonly all: number;
  /** Of other sources than the present ones. */
  readonly earlier: number;
  /** Earlier ones for whose sources a later result vouches. */
  readonly vouched: number;
  /** Results of the present sources that are those of earlier ones. */
  readonly confirming: number;
}

/** How a method's records stand to its present sources. */
export function standingOf(records: readonly Sourced[], current: string): Standing {
  const present = records.filter(({ digest }) => digest === current);
  const older = records.filter(({ digest }) => digest !== current);
  const same = new Set(present.flatMap(({ confirms = [] }) => confirms));
  return {
    all: records.length,
    earlier: older.length,
    vouched: older.filter(({ digest }) => same.has(digest)).length,
    confirming: present.filter(({ confirms = [] }) => confirms.length > 0).length,
  };
}

/** Of several methods. */
export function sumOf(standings: readonly Standing[]): Standing {
  const sum = (of: (standing: Standing) => number) => standings.reduce((total, standing) => total + of(standing), 0);
  return {
    all: sum(({ all }) => all),
    earlier: sum(({ earlier }) => earlier),
    vouched: sum(({ vouched }) => vouched),
    confirming: sum(({ confirming }) => confirming),
  };
}

/** In words; empty if all are of the present sources. */
export function describeStanding({ all, earlier, vouched, confirming }: Standing): string {
  if (earlier === 0) return "";
  const whole = `${earlier} of ${all} studies are of earlier sources`;
  if (vouched === 0) return `${whole}.`;
  const which = vouched === earlier ? "these" : `${vouched} of these`;
  return `${whole}. ${confirming} studies were run again by the present ones and came out the same to the last digit, which vouches for ${which}.`;
}

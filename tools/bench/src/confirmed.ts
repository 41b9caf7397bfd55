/** What was recorded, and by which sources. */
export interface Sourced {
  /** Of the sources, and of all else that the result depends on. */
  readonly digest: string;
  /** Digests of earlier sources that gave the same result. */
  readonly confirms?: readonly string[];
  /** Digests of earlier sources that gave another result. */
  readonly refutes?: readonly string[];
}

/**
 * A result as it is to be recorded, with how the one before it compares. So a change of sources that changes nothing need not be followed by running everything
 * again: some results suffice to vouch for the others.
 *
 * @param resultOf - what has to be equal, as plain JSON
 */
export function compared<Record extends Sourced>(
  record: Record,
  earlier: Record | undefined,
  resultOf: (record: Record) => unknown,
): Record {
  if (!earlier) return record;
  const same = JSON.stringify(resultOf(earlier)) === JSON.stringify(resultOf(record));
  const { digest, confirms = [], refutes = [] } = earlier;
  const before = digest === record.digest ? [] : [digest];
  const equal = same ? [...confirms, ...before] : [];
  const different = same ? refutes : [...refutes, ...confirms, ...before];
  return {
    ...record,
    ...(equal.length > 0 && { confirms: equal }),
    ...(different.length > 0 && { refutes: different }),
  };
}

export interface Standing {
  readonly all: number;
  /** Of other sources than the present ones. */
  readonly earlier: number;
  /** Earlier ones for whose sources later results vouch, and none speaks against. */
  readonly vouched: number;
  /** Results of the present sources that are those of earlier ones. */
  readonly same: number;
  /** Results of the present sources that are not those of earlier ones. */
  readonly different: number;
}

/** How a method's records stand to its present sources. */
export function standingOf(records: readonly Sourced[], current: string): Standing {
  const present = records.filter(({ digest }) => digest === current);
  const older = records.filter(({ digest }) => digest !== current);
  const vouched = new Set(present.flatMap(({ confirms = [] }) => confirms));
  for (const digest of present.flatMap(({ refutes = [] }) => refutes)) vouched.delete(digest);
  return {
    all: records.length,
    earlier: older.length,
    vouched: older.filter(({ digest }) => vouched.has(digest)).length,
    same: present.filter(({ confirms = [] }) => confirms.length > 0).length,
    different: present.filter(({ refutes = [] }) => refutes.length > 0).length,
  };
}

/** Of several methods. */
export function sumOf(standings: readonly Standing[]): Standing {
  const sum = (of: (standing: Standing) => number) => standings.reduce((total, standing) => total + of(standing), 0);
  return {
    all: sum(({ all }) => all),
    earlier: sum(({ earlier }) => earlier),
    vouched: sum(({ vouched }) => vouched),
    same: sum(({ same }) => same),
    different: sum(({ different }) => different),
  };
}

/** In words; empty if all are of the present sources. */
export function describeStanding({ all, earlier, vouched, same, different }: Standing): string {
  if (earlier === 0) return "";
  const again = same + different;
  return [
    `${earlier} of ${all} studies are of earlier sources.`,
    again === 0
      ? ""
      : `Of ${again} that the present ones ran again ${same} came out the same to the digits recorded, which vouches for ${vouched} of these.`,
  ]
    .filter(Boolean)
    .join(" ");
}

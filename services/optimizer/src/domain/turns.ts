/** Those who look for the same thing, one after the other. */
export interface Turns<Denial> {
  /**
   * Looks when its turn has come. If somebody who looked after this one had asked was denied, there is nothing for this one either.
   *
   * @param look - what it found.
   * @param denialOf - why there is nothing for anybody, if that is what was found.
   */
  take<Found>(
    look: () => Promise<Found>,
    denialOf: (found: Found) => Denial | undefined,
  ): Promise<Found | { readonly blocked: Denial }>;
}

/**
 * When something happens in a study, everybody who waits for a trial looks again. With turns the first who finds nothing has found out for all who
 * were waiting then: as many look as there are trials, and one more.
 */
export function createTurns<Denial>(): Turns<Denial> {
  let last: Promise<unknown> = Promise.resolve();
  let arrivals = 0;
  let denial: { readonly upTo: number; readonly blocked: Denial } | undefined;

  return {
    take(look, denialOf) {
      const arrived = ++arrivals;
      const turn = last.then(async () => {
        if (denial && denial.upTo >= arrived) return { blocked: denial.blocked };
        const upTo = arrivals;
        const found = await look();
        const blocked = denialOf(found);
        if (blocked !== undefined) denial = { upTo, blocked };
        return found;
      });
      last = turn.catch(() => {});
      return turn;
    },
  };
}

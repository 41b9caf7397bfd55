import type { SurrogatePosterior } from "@superbatch/acquisition";
import { isLoopback, parseAddress } from "@superbatch/rpc";
import { type Surrogate, withReport } from "./surrogate.ts";
import type { NamedSurrogate, SurrogateChoice, SurrogateDirectory } from "./surrogate-choice.ts";

/** Which addresses studies may name themselves: those of this machine, all, or none but what the operator has named. */
export type AddressRule = "loopback" | "any" | "none";

export interface DirectoryOptions {
  /** Address of the optimizer's own surrogate. */
  readonly own: string;
  /** Addresses of the others, by name. */
  readonly named: ReadonlyMap<string, string>;
  readonly addresses: AddressRule;
  /**
   * A surrogate at an address; called once for each.
   *
   * @param known - whether the operator named the address: only then may it see the optimizer's token and certificate.
   */
  readonly connect: (address: string, known: boolean) => Surrogate;
}

/** Surrogates at addresses, reached when they are first used. */
export interface AddressDirectory extends SurrogateDirectory {
  /** What is wrong with a study's `surrogate`, in words; undefined if a study may use it. */
  problemOf(surrogate: string): string | undefined;
}

const defaultSeconds = 300;

export function createSurrogateDirectory({ own, named, addresses, connect }: DirectoryOptions): AddressDirectory {
  const connected = new Map<string, Surrogate>();
  const knownAddresses = new Set([own, ...named.values()]);

  function at(address: string): Surrogate {
    const surrogate = connected.get(address) ?? connect(address, knownAddresses.has(address));
    connected.set(address, surrogate);
    return surrogate;
  }

  function addressOf(name: string): string | undefined {
    if (name === "") return own;
    return named.get(name) ?? (mayName(name, addresses) ? name : undefined);
  }

  function find(name: string, seconds: number): NamedSurrogate {
    const address = addressOf(name);
    return { name, surrogate: address === undefined ? unknown(name) : withDeadline(at(address), seconds) };
  }

  return {
    choose({ surrogate = "", fallbackSurrogate = "", surrogateSeconds = defaultSeconds }: SurrogateChoice) {
      const names = surrogate === fallbackSurrogate ? [surrogate] : [surrogate, fallbackSurrogate];
      return names.map((name) => find(name, surrogateSeconds));
    },
    problemOf(name) {
      if (addressOf(name) !== undefined) return undefined;
      const known = [...named.keys()].join(", ") || "none";
      return `must be one of the surrogates that the optimizer knows (${known})${hint[addresses]}, or empty for its own, not "${name}"`;
    },
  };
}

const hint: Readonly<Record<AddressRule, string>> = {
  loopback: ", HOST:PORT of a server on the optimizer's machine",
  any: ", HOST:PORT of a server",
  none: "",
};

function mayName(address: string, rule: AddressRule): boolean {
  try {
    const { host, port } = parseAddress(address);
    return port > 0 && (rule === "any" || (rule === "loopback" && isLoopback(host)));
  } catch {
    return false;
  }
}

/** The optimizer that the study was created with knew it; this one does not. */
function unknown(name: string): Surrogate {
  return {
    async fit() {
      throw new Error(`this optimizer knows no surrogate ${name}`);
    },
  };
}

/** Gives up a fit, or a question, that takes longer. */
function withDeadline(surrogate: Surrogate, seconds: number): Surrogate {
  async function within<Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), seconds * 1000);
    const limited = AbortSignal.any([signal, late.signal]);
    const expired = new Promise<never>((_, reject) => {
      late.signal.addEventListener("abort", () => reject(new Error(`it did not answer within ${seconds} s`)));
    });
    try {
      return await Promise.race([work(limited), expired]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async fit(data, options, signal) {
      const posterior = await within(signal, (limited) => surrogate.fit(data, options, limited));
      const ask: SurrogatePosterior = (output, anchors, points, questionSignal) =>
        within(questionSignal ?? signal, (limited) => posterior(output, anchors, points, limited));
      return withReport(ask, posterior.report);
    },
  };
}

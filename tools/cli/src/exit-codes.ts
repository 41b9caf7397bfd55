/** How the command line ends. docs/guides/cli.md lists these. */
export const exitCodes = {
  ok: 0,
  /** The command was understood and failed; of `doctor`: there is a problem; of `surrogate check`: the contract is breached. */
  failed: 1,
  /** Wrong arguments, options, files, or a request that the service refused as invalid. */
  usage: 2,
  /** No such study, trial or model. */
  notFound: 3,
  /** The service cannot be reached or did not answer in time. */
  unavailable: 4,
  /** Token or certificate missing, unknown, or not enough. */
  denied: 5,
  /** Ctrl-C or SIGTERM. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

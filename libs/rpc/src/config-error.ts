/** The configuration is wrong. `problems` name each key as the user wrote it: the flag, the variable, or the file and key. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** `--help` was asked for; `message` is the text to print. */
export class HelpRequested extends Error {
  constructor(text: string) {
    super(text);
    this.name = "HelpRequested";
  }
}

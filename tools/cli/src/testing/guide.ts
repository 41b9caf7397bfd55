/** A command of a guide with what it prints. */
export interface GuideCommand {
  readonly command: string;
  /** A line of … alone stands for any lines. */
  readonly expected: readonly string[];
  /** Takes what was printed in place of what was expected; … stays where it was. */
  update(printed: readonly string[]): void;
}

export interface Guide {
  /** Blocks after `<!-- file: NAME -->`. */
  readonly files: readonly { readonly name: string; readonly content: string; readonly mode: number }[];
  /** Lines that begin with `$ ` in blocks of `console`. */
  readonly commands: readonly GuideCommand[];
  /** The guide's text in parts; those of commands are rendered anew. */
  readonly parts: readonly (string | (() => string))[];
}

export const anyLines = "…";

export function readGuide(text: string): Guide {
  const files: { name: string; content: string; mode: number }[] = [];
  const commands: GuideCommand[] = [];
  const parts: (string | (() => string))[] = [];
  const fence = /(<!-- file: (\S+) -->\n+)?```(\w*)\n([\s\S]*?)```\n/g;
  let after = 0;
  for (const match of text.matchAll(fence)) {
    const [whole, , name, language, content] = match;
    parts.push(text.slice(after, match.index));
    after = match.index + whole.length;
    if (name !== undefined) files.push({ name, content: content!, mode: name.endsWith(".sh") ? 0o755 : 0o644 });
    if (language !== "console") {
      parts.push(whole);
      continue;
    }
    const steps = content!
      .split(/^\$ /m)
      .slice(1)
      .map((step) => stepOf(step.trimEnd().split("\n")));
    commands.push(...steps.map(({ command }) => command));
    parts.push(() => `\`\`\`console\n${steps.map(({ render }) => render()).join("\n")}\n\`\`\`\n`);
  }
  parts.push(text.slice(after));
  return { files, commands, parts };
}

export function writeGuide({ parts }: Guide): string {
  return parts.map((part) => (typeof part === "string" ? part : part())).join("");
}

function stepOf([first = "", ...lines]: string[]): { command: GuideCommand; render: () => string } {
  let expected = lines.filter((line, i) => line !== "" || i < lines.length - 1);
  return {
    command: {
      command: first,
      get expected() {
        return expected;
      },
      update(printed) {
        const at = expected.indexOf(anyLines);
        expected =
          at < 0
            ? [...printed]
            : [...printed.slice(0, at), anyLines, ...printed.slice(printed.length - (expected.length - at - 1))];
      },
    },
    render: () => [`$ ${first}`, ...expected].join("\n"),
  };
}

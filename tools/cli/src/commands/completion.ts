import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

/**
 * Adds `completion SHELL`, which prints a script for the shell, and the hidden `complete` that this script calls. Last of all: it knows the commands
 * that are there by then.
 */
export function addCompletionCommand(program: Command): void {
  tab(program, { completionCommandName: "completion" });
  program.commands
    .find((command) => command.name() === "completion")!
    .description("print a script that completes commands and options in bash, zsh, fish or PowerShell")
    .addHelpText(
      "after",
      '\n  bash: eval "$(superbatch completion bash)" in ~/.bashrc\n  zsh:  source <(superbatch completion zsh) in ~/.zshrc\n  fish: superbatch completion fish > ~/.config/fish/completions/superbatch.fish',
    );
}

/** The command line that pages show, held against the commands and options that there are. */
import type { Command } from "commander";

/** Returns the problem with words behind a program or command, or undefined if there is none. */
export function problemWith(command: Command, words: readonly string[]): string | undefined {
  const [name = "", ...rest] = words;
  if (command.commands.length > 0 && !/^-|^$/.test(name)) {
    const next = command.commands.find((one) => one.name() === name);
    return next ? problemWith(next, rest) : `no command ${name}`;
  }
  return problemWithArguments(command, ownWords(command, words));
}

/** What a command hands on is not its own to judge. */
function ownWords(command: Command, words: readonly string[]): readonly string[] {
  const end = command.usage().endsWith("[-- arguments...]") ? words.indexOf("--") : -1;
  return end < 0 ? words : words.slice(0, end);
}

function problemWithArguments(command: Command, words: readonly string[]): string | undefined {
  const options = command.createHelp().visibleOptions(command);
  const optionOf = (word = "") => options.find(({ short, long }) => [short, long].includes(word.split("=")[0]));
  const unknown = words.filter((word) => word.startsWith("-") && !optionOf(word));
  if (unknown.length > 0) return `${command.name()} has no ${unknown.join(", ")}`;
  const takesNext = (word = "") => !word.includes("=") && optionOf(word)?.required;
  const values = words.filter((word, index) => !word.startsWith("-") && !takesNext(words[index - 1]));
  const isVariadic = command.registeredArguments.some(({ variadic }) => variadic);
  const taken = isVariadic ? values.length : command.registeredArguments.length;
  return values.length > taken ? `${command.name()} does not take ${values.slice(taken).join(" ")}` : undefined;
}

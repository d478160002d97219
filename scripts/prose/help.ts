/** Sentences of the command line's help: descriptions of commands, arguments and options. */
import type { Command } from "commander";
import type { Passage } from "./rules";

/** Returns the passages of a command and of those below it. */
export function passagesOfHelp(command: Command, above = ""): Passage[] {
  const name = `${above}${command.name()}`;
  const source = `${name} --help`;
  const texts = [
    [source, command.description()],
    [source, command.summary()],
    ...command.registeredArguments.map((argument) => [`${source}, ${argument.name()}`, argument.description]),
    ...command.options.map((option) => [`${source}, ${option.flags}`, option.description]),
  ] as const;
  const passages = new Map(
    texts
      .filter(([, text]) => text)
      .map(([place = "", text = ""]) => [`${place}\n${text}`, { source: place, kind: "help", text }] as const),
  );
  return [...passages.values(), ...command.commands.flatMap((below) => passagesOfHelp(below, `${name} `))];
}

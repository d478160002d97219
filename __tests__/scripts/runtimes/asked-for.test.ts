/** That a run under another Node is one, to the last process. Asked for nothing, the Node that runs jest must be the one on the PATH, too. */
import { execFileSync } from "node:child_process";
import { ASKED_FOR } from "../../../scripts/runtimes/runs";

const asked = process.env[ASKED_FOR] ?? process.versions.node;
const ask = (command: string, argv: string[]) => execFileSync(command, argv, { encoding: "utf8" }).trim();

test("jest's worker, its own kind and what is started as node all have the version that was asked for", () => {
  const code = ["--print", "process.versions.node"];
  expect([
    process.versions.node,
    ask(process.execPath, code),
    ask("node", code),
    ask("/usr/bin/env", ["node", ...code]),
  ]).toEqual([...[asked, asked, asked, asked]]);
});

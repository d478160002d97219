/** Catches what powertools writes: its consoles go to the process's streams directly. */
export function captureOutput() {
  let written: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const originals = streams.map((stream) => stream.write.bind(stream));

  beforeEach(() => {
    written = [];
    for (const stream of streams)
      jest.spyOn(stream, "write").mockImplementation((chunk) => {
        written.push(String(chunk));
        return true;
      });
    for (const method of ["log", "info", "warn", "error", "debug"] as const)
      jest.spyOn(console, method).mockImplementation((...line: unknown[]) => {
        written.push(`${line.join(" ")}\n`);
      });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    streams.forEach((stream, index) => {
      stream.write = originals[index] as typeof stream.write;
    });
  });

  return {
    /** Each line that is a JSON document, parsed. */
    documents(): object[] {
      const lines = written.join("").split("\n");
      return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as object);
    },
  };
}

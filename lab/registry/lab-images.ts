import { layerOf, layerOfArchive } from "./image-layer";
import { type Layer, writeImage } from "./image-store";
import { type ContentSpec, writeContent, writeProgram } from "./layer-content";

// 24 layers of 1,500 small files and 7 large ones: with the base, about 1 GB and 36,000 files.
const languagePackages: readonly ContentSpec[] = Array.from({ length: 24 }, (_, index) => ({
  seed: 100 + index,
  packageName: `language${String(index).padStart(2, "0")}`,
  modules: 1500,
  dataFiles: 7,
}));

const environment = ["PYTHONPATH=/opt/lab", "PYTHONDONTWRITEBYTECODE=1"];

/** Writes all images into a registry's storage: `base` from the archive of a root file system that has python3, the others on top of it. */
export async function writeLabImages(storage: string, baseArchive: string, say: (line: string) => void): Promise<void> {
  const base = [await layerOfArchive(storage, baseArchive)];
  writeImage(storage, { name: "base", tag: "1", layers: base, command: ["echo", "hello from base"] });
  say("base");
  const language = [...base];
  for (const spec of languagePackages) language.push(await layerOf(storage, (folder) => writeContent(folder, spec)));
  language.push(await layerOf(storage, (folder) => writeProgram(folder, "language", languagePackages.slice(0, 8), 40)));
  writeImage(storage, {
    name: "language",
    tag: "1",
    layers: language,
    environment,
    command: run("language"),
    multiPlatform: true,
  });
  say("language");
  for (let index = 0; index < 12; index++) await writeApp(storage, index, "1", index < 8 ? language : base);
  await writeApp(storage, 0, "2", language);
  say("app-01 to app-12");
}

function appName(index: number): string {
  return `app-${String(index + 1).padStart(2, "0")}`;
}

async function writeApp(storage: string, index: number, tag: string, below: readonly Layer[]): Promise<void> {
  const name = appName(index);
  const spec = {
    seed: 1000 * Number(tag) + index,
    packageName: `app${index + 1}`,
    modules: 300,
    dataFiles: 2 + (index % 4),
  };
  const used = below.length > 1 ? [...languagePackages.slice(0, 4), spec] : [spec];
  const layers = [
    ...below,
    await layerOf(storage, (folder) => writeContent(folder, spec)),
    await layerOf(storage, (folder) => writeProgram(folder, name, used, 10)),
  ];
  writeImage(storage, { name, tag, layers, environment, command: run(name) });
}

function run(name: string): string[] {
  return ["python3", `/opt/lab/${name.replaceAll("-", "_")}.py`];
}

/** P4: time of a first build, of one after a small change, and of one after none; and for comparison, of pulling one by one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layerOfFolder } from "../../lab/registry/image-layer";
import { layersOf } from "../../lab/registry/image-read";
import { writeImage } from "../../lab/registry/image-store";
import { writeContent } from "../../lab/registry/layer-content";
import { type BuildTimes, blankVolume, bytesOfNewLayers, measureBuild, measureSerialPulls } from "./builds";
import type { BuildFigures, BuildResults, Circumstances } from "./results";
import { median, medians } from "./statistics";
import { configureImages, type World } from "./world";

const HOST = "registry.lab";
/** One of about 100 MB, one of about 1 GB, six on top of it, and `data`, which shares only its base: see {@link writeDataImage}. */
const SET = ["base:1", "language:1", "data:1", ...[1, 2, 3, 4, 5, 6].map((number) => `app-0${number}:1`)];

/** An image with a layer of about 270 MB of its own. */
async function writeDataImage({ cloud }: World, tag: string): Promise<void> {
  const storage = cloud.registry?.storage ?? "";
  const folder = mkdtempSync(join(tmpdir(), "docker-cache-bench-layer-"));
  try {
    writeContent(folder, { seed: 5000 + Number(tag), packageName: "data", modules: 2000, dataFiles: 64 });
    const layers = [...layersOf(storage, "base", "1"), await layerOfFolder(storage, folder)];
    writeImage(storage, { name: "data", tag, layers, command: ["true"] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const listed = (images: readonly string[]) => images.map((image) => `${HOST}/${image}`);
const replaced = (from: string, to: string) => SET.map((image) => (image === from ? to : image));

interface Turn {
  readonly oneByOne: number;
  readonly docker: string;
  readonly builds: Record<"full" | "unchanged" | "smallChange" | "largeChange", BuildTimes>;
}

async function takeTurn(world: World, say: (line: string) => void): Promise<Turn> {
  const build = async (name: string, images: readonly string[]) => {
    await configureImages(world, listed(images));
    const times = await measureBuild(world);
    say(`${name}: ${times.seconds.toFixed(1)} s ${JSON.stringify(times.steps)}`);
    return times;
  };
  const { seconds: oneByOne, docker } = await measureSerialPulls(world, listed(SET));
  say(`one by one: ${oneByOne.toFixed(1)} s`);
  await blankVolume(world);
  return {
    oneByOne,
    docker,
    builds: {
      full: await build("full", SET),
      unchanged: await build("unchanged", SET),
      smallChange: await build("small change", replaced("app-01:1", "app-01:2")),
      largeChange: await build(
        "large change",
        replaced("data:1", "data:2").map((image) => (image === "app-01:1" ? "app-01:2" : image)),
      ),
    },
  };
}

function figuresOf(builds: readonly BuildTimes[]): BuildFigures {
  const [first] = builds;
  return {
    seconds: median(builds.map(({ seconds }) => seconds)),
    steps: medians(builds.map(({ steps }) => steps)),
    bootSeconds: median(builds.map(({ bootSeconds }) => bootSeconds)),
    shutdownSeconds: median(builds.map(({ shutdownSeconds }) => shutdownSeconds)),
    ...(first?.snapshot && { incrementBytes: median(builds.map(({ snapshot }) => snapshot?.incrementBytes ?? 0)) }),
  };
}

export async function measureBuilds(
  world: World,
  repetitions: number,
  say: (line: string) => void,
): Promise<Omit<BuildResults, Exclude<keyof Circumstances, "docker">>> {
  for (const tag of ["1", "2"]) await writeDataImage(world, tag);
  const turns: Turn[] = [];
  for (let turn = 0; turn < repetitions; turn++) turns.push(await takeTurn(world, say));
  const all = (name: keyof Turn["builds"]) => figuresOf(turns.map(({ builds }) => builds[name]));
  return {
    docker: turns[0]?.docker ?? "",
    images: SET.length,
    fileBytes: await bytesOfNewLayers(world, [], SET),
    oneByOneSeconds: median(turns.map(({ oneByOne }) => oneByOne)),
    full: all("full"),
    unchanged: all("unchanged"),
    smallChange: { ...all("smallChange"), changedBytes: await bytesOfNewLayers(world, ["app-01:1"], ["app-01:2"]) },
    largeChange: { ...all("largeChange"), changedBytes: await bytesOfNewLayers(world, ["data:1"], ["data:2"]) },
  };
}

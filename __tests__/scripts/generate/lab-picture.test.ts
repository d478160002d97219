import { renderLabPicture, showsPicture } from "../../../scripts/generate/lab-picture";
import { WORKERS } from "../../bench/lab/made-up-results";

const light = renderLabPicture(WORKERS, "light");

test("bars are as long as the times, on one scale with the axis", () => {
  const widths = [...light.matchAll(/<rect x="[\d.]+" y="\d+" width="([\d.]+)" height="18" class="(\w+)"/g)];
  expect(widths.map(([, , name]) => name)).toEqual(["boot", "run", "boot", "ours", "boot", "run"]);
  const [boot = 0, pulled = 0, ourBoot = 0, ours = 0] = widths.map(([, width]) => Number(width));
  expect(pulled / boot).toBeCloseTo(31.5 / 2, 0);
  expect(ours / ourBoot).toBeCloseTo(1.3125 / 2.8, 1);
  const [zero = 0, five = 0] = [...light.matchAll(/<line x1="([\d.]+)"/g)].map(([, x]) => Number(x));
  expect((five - zero) / 5).toBeCloseTo(pulled / 31.5, 1);
});

test("each bar has its times, and the picture says where and when they were measured", () => {
  expect(light).toContain('<tspan class="value">31.5 s</tspan><tspan class="note"> after 2.0 s of boot</tspan>');
  expect(light).toContain("3 cores, 7 GiB, Docker 99.1; medians of n = 2; 2030-01-02<");
  expect(renderLabPicture({ ...WORKERS, load: 7 }, "light")).toContain("machine busy with other work (load 7)");
});

test("light and dark differ in their colours alone", () => {
  const dark = renderLabPicture(WORKERS, "dark");
  const bare = (picture: string) => picture.replaceAll(/#[0-9a-f]{6}/g, "");
  expect(dark).not.toBe(light);
  expect(bare(dark)).toBe(bare(light));
});

test("a kind that was not measured has no bar, and a group without bars no title", () => {
  const rows = (picture: string) => [...picture.matchAll(/text-anchor="end">([^<]+)</g)].map(([, label]) => label);
  expect(rows(light)).toEqual(["pulled at 1 Gbit/s", "read ahead", "nothing read ahead"]);
  expect(light).toContain("Cache volume, 15 ms");
  const { "15ms-none/traced": _, ...kinds } = WORKERS.kinds;
  expect(renderLabPicture({ ...WORKERS, kinds }, "light")).not.toContain("Cache volume, 15 ms");
});

test("there is a picture once a pull and our volume can be compared", () => {
  expect(showsPicture(WORKERS)).toBe(true);
  expect(showsPicture(undefined)).toBe(false);
  expect(showsPicture({ ...WORKERS, kinds: {} })).toBe(false);
});

import { renderFirstPage } from "../../../scripts/generate/first-page";
import { RESULTS } from "../../bench/lab/made-up-results";

const PAGE = "above\n<!-- generated: lab -->\n<!-- end: lab -->\nbelow\n";

test("the first page has a picture for dark pages and one for light ones, and says in words what it shows", () => {
  const page = renderFirstPage(PAGE, RESULTS);
  expect(page).toContain('<source media="(prefers-color-scheme: dark)" srcset="bench/results/lab-dark.svg">');
  expect(page).toContain('src="bench/results/lab.svg"');
  expect(page).toContain("pulled at 1 Gbit/s 31.5 s, from boot to its end 33.5 s;");
  expect(page).toContain("gp3 as published, 1.3 s, from boot to its end 4.1 s");
  expect(renderFirstPage(page, RESULTS)).toBe(page);
});

test("without measurements of workers the page stays as it is", () => {
  expect(renderFirstPage(PAGE, { builds: RESULTS.builds })).toBe(PAGE);
});

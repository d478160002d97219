/** `cost pull-through`: reckon what pull-through costs and saves. It asks nobody. */
import { print, printJson } from "../../output";
import { ASSUMPTIONS, type Assumptions, type Costs, costsOf } from "../../pull-through/cost";
import { UsageError } from "../../usage-error";

/** Numbers as they were typed. */
type Typed = Readonly<Partial<Record<Exclude<keyof Assumptions, "freeTier">, string>>>;
type Options = Typed & { readonly freeTier?: boolean; readonly json?: boolean };

/** Greatest number of any kind: nobody builds as much. */
const GREATEST = 1_000_000;
/** Greatest sum, in USD: beyond it cents are not exact any more. */
const GREATEST_SUM = 1e12;

/** @throws UsageError if it is no number from 0 to {@link GREATEST} in decimal digits */
function numberOf(name: string, text: string): number {
  const value = /^[0-9]+([.][0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= GREATEST) return value;
  const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`--${option} is "${text}", expected a number from 0 to ${GREATEST}, such as 7.5`);
}

function assumptionsOf(options: Options): Assumptions {
  const names = Object.keys(ASSUMPTIONS).filter((name) => name !== "freeTier") as (keyof Typed)[];
  const typed = names.flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[name, numberOf(name, text)]];
  });
  const given = { ...ASSUMPTIONS, ...Object.fromEntries(typed), freeTier: options.freeTier ?? false };
  if (given.days === 0) throw new UsageError("--days is 0, expected at least a day");
  return given;
}

const dollars = (usd: number) => usd.toFixed(2);

function linesOf(given: Assumptions, costs: Costs): string[] {
  const { buildsPerDay, days, minutes, minutesWithCache, pricePerMinute, images, imageMb } = given;
  const builds = `${buildsPerDay} builds a day, ${days} days`;
  const storage = `${images} × ${imageMb} MB in ECR; ${costs.imageStorage.toFixed(3)} an image, ${costs.allStorage.toFixed(3)} together`;
  const rows: [string, number, string][] = [
    ["without pull-through", costs.without, `${builds}, ${minutes} minutes at ${pricePerMinute}`],
    ["builds with it", costs.compute, `${builds}, ${minutesWithCache} minutes at ${pricePerMinute}`],
    ["storage", costs.storage, given.freeTier ? `${storage}; the first 500 MB are free` : storage],
    ["transfer", costs.transfer, `${given.crossRegionGb} GB from another region`],
    ["with pull-through", costs.with, ""],
    ["saved", costs.saved, ""],
  ];
  const title = `${"USD".padEnd(22)}${"".padStart(10)}`;
  const lines = rows.map(([what, usd, how]) => `${what.padEnd(22)}${dollars(usd).padStart(10)}  ${how}`.trimEnd());
  return [title.trimEnd(), ...lines, breakEvenLine(costs)];
}

function breakEvenLine({ breakEven }: Costs): string {
  if (breakEven === null) return "It never pays by these numbers: a build with it saves no money.";
  if (breakEven === 0) return "It pays from the first build on: nothing is stored or transferred for money.";
  return `It pays from ${(Math.ceil(breakEven * 100 - 1e-6) / 100).toFixed(2)} builds a day on.`;
}

export async function run(options: Options): Promise<boolean> {
  const assumptions = assumptionsOf(options);
  const costs = costsOf(assumptions);
  if (Math.max(costs.without, costs.with) > GREATEST_SUM)
    throw new UsageError(`these numbers make more than ${GREATEST_SUM} USD, which is not reckoned to the cent`);
  if (options.json) printJson({ command: "cost pull-through", currency: "USD", assumptions, costs });
  else for (const line of linesOf(assumptions, costs)) print(line);
  return true;
}

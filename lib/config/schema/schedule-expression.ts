/** Patterns of EventBridge Scheduler's expressions ("Schedule types", EventBridge Scheduler User Guide). RE2 reads them as JavaScript does. */

const RATE = "rate\\((1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))\\)";

/** Values, ranges and steps of a field, joined by commas. */
function field(value: string, alone = ""): string {
  const range = `(${value}(-${value})?|\\*)(/[0-9]+)?`;
  return `(${range}(,${range})*${alone})`;
}

const MONTH = "([1-9]|0[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)";
const WEEKDAY = "([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)";
const DAY = "(0?[1-9]|[12][0-9]|3[01])";
const BEFORE = `${field("[0-5]?[0-9]")} ${field("([01]?[0-9]|2[0-3])")}`;
const YEAR = field("(19[7-9][0-9]|2[01][0-9][0-9])");
const DAY_OF_MONTH = field(DAY, `|L|LW|${DAY}W`);
const DAY_OF_WEEK = field(WEEKDAY, `|L|${WEEKDAY}L|${WEEKDAY}#[1-5]`);
/** One of day of month and day of week is `?`. */
const DAYS = `(${DAY_OF_MONTH} ${field(MONTH)} \\?|\\? ${field(MONTH)} ${DAY_OF_WEEK})`;
const CRON = `cron\\(${BEFORE} ${DAYS} ${YEAR}\\)`;

/** An expression that builds at some time; the configuration also knows if it builds again and again. */
export const SCHEDULE_EXPRESSION = new RegExp(`^(${RATE}|${CRON})$`);

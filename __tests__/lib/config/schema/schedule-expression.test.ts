/** The pattern, which Terraform reads too, takes what the configuration takes. Only the configuration sees that something never runs again. */
import { expressionProblem } from "../../../../lib/config/resolve/cadence";
import { SCHEDULE_EXPRESSION } from "../../../../lib/config/schema/schedule-expression";

test.each([
  ...["rate(1 day)", "rate(12 hours)", "rate(1 hour)", "rate(90 minutes)", "rate(10 minutes)"],
  ...["cron(0 3 * * ? *)", "cron(0/30 * * * ? *)", "cron(0 3,15 * * ? *)", "cron(0 3 ? * MON-FRI *)"],
  ...[
    "cron(0 3 ? * 2-6 *)",
    "cron(0 3 ? * MON,THU *)",
    "cron(0 3 L * ? *)",
    "cron(0 3 ? * 2#1 *)",
    "cron(0 3 1 1 ? *)",
  ],
  ...["cron(15 10 ? * 6L *)", "cron(0 8 1W * ? *)", "cron(5 0-12/2 ? JAN,JUL SUN 2026-2199)"],
])("%s is an expression", (expression) => {
  expect(expressionProblem(expression)).toBeUndefined();
  expect(SCHEDULE_EXPRESSION.test(expression)).toBe(true);
});

test.each([
  ...["rate(0 days)", "rate(1.5 hours)", "rate(2 weeks)", "rate(1 days)", "rate(2 day)", "rate(1 day) "],
  ...["cron(0 3 * *)", "cron(0 3 * * * *)", "cron(0 3 ? * ? *)", "cron(61 3 * * ? *)", "cron(0 25 * * ? *)"],
  ...["cron(0 3 ? * FOO *)", "cron(0 3 ? * 0 *)", "cron(0 3 32 * ? *)", "cron(0 3 * 13 ? *)", "cron(0  3 * * ? *)"],
])("%s is none", (expression) => {
  expect(expressionProblem(expression)).toBeDefined();
  expect(SCHEDULE_EXPRESSION.test(expression)).toBe(false);
});

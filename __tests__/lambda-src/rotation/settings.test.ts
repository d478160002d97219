import { parseSettings } from "../../../lambda-src/rotation/settings";
import { ROTATION_SETTINGS_VARIABLE } from "../../../lib/contract";
import { SETTINGS } from "./example-state";

const environment = (text: string) => ({ [ROTATION_SETTINGS_VARIABLE]: text });

test("the settings, as the stack writes them", () => {
  expect(parseSettings(environment(JSON.stringify(SETTINGS)))).toEqual(SETTINGS);
});

test("a variable that is missing, empty, or holds no JSON is an error that names it", () => {
  expect(() => parseSettings({})).toThrow(/DOCKER_CACHE_SETTINGS is missing, expected the settings as JSON/);
  expect(() => parseSettings(environment(""))).toThrow(/is missing/);
  expect(() => parseSettings(environment("{"))).toThrow(/DOCKER_CACHE_SETTINGS holds no JSON/);
});

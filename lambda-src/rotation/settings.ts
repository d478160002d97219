/** The settings from the environment; nothing else of the environment is read by our own code. */
import { ROTATION_SETTINGS_VARIABLE, type RotationSettings } from "../../lib/contract";
import { assertPolicy } from "./plan-policy";

export function parseSettings(environment: Readonly<Record<string, string | undefined>>): RotationSettings {
  const text = environment[ROTATION_SETTINGS_VARIABLE];
  if (!text)
    throw new Error(`environment variable ${ROTATION_SETTINGS_VARIABLE} is missing, expected the settings as JSON`);
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new Error(`environment variable ${ROTATION_SETTINGS_VARIABLE} holds no JSON: ${(error as Error).message}`);
  }
  return assertPolicy(settings);
}

/** Does it; if that fails, says so and does it once more. @throws if that fails too */
export async function tryTwice<T>(attempt: () => Promise<T>, name: string, say: (line: string) => void): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    say(`${name}: failed, once more: ${(error as Error).message}`);
    return attempt();
  }
}

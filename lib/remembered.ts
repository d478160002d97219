/**
 * Returns a function that makes each value once and gives the same one from then on. For what many stacks have and nothing changes while a program
 * runs, such as a script that is read and gzipped. Values are never forgotten, so keys are few.
 */
export function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as Value;
  };
}

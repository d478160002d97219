/** Blocks of a hot set: lines of FIRST and COUNT, above the section of the rest, which is read behind it. */
export function hotBlocks(hotSet: string): number {
  const [hot = ""] = hotSet.split(/^# rest$/m);
  const counts = hot.matchAll(/^\d+ (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

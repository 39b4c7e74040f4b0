/** Chance that can be repeated. */
export function dice(seed: number) {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (most: number): number => Math.floor(random() * most),
    pick: <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!,
    chance: (part: number): boolean => random() < part,
  };
}

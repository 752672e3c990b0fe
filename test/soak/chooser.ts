/** Random choices that are the same for the same seed: mulberry32, by Tommy Ettinger, in the public domain. */
export function chooser(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    chance: (part: number): boolean => next() < part,
    /** Whole numbers, both ends included. */
    between: (least: number, most: number): number => least + Math.floor(next() * (most - least + 1)),
    times: <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n)),
    /** One of the choices, each as often as its weight says. */
    weighted<T>(...choices: readonly (readonly [weight: number, choice: T])[]): T {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, choice] of choices) {
        left -= weight
        if (left < 0) return choice
      }
      return (choices.at(-1) as readonly [number, T])[1]
    },
  }
}

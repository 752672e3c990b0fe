const AT_LEAST = 20

/** How many of `many` may be ended or told at once, a `part` of them: not all clients are to come back at the same moment. */
export function aFew(many: number, part: number): number {
  return Math.max(AT_LEAST, Math.ceil(many * part))
}

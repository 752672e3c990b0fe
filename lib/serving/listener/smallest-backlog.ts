/**
 * The smallest backlog with which a listener still lets anybody in; the kernel lets in one more than that. It is 0 since
 * Linux 6.13. Older lines, but for their latest, answer every SYN by a cookie then, or drop it where cookies are off:
 * https://git.kernel.org/torvalds/c/3479c7549fb1.
 */
export function smallestBacklog(release: string = process.getBuiltinModule('node:os').release()): 0 | 1 {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return major > 6 || (major === 6 && minor >= 13) ? 0 : 1
}

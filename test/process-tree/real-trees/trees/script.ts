/** A start script in a folder of its own, run by a shell: `script('bash', 'node server.js a\n')`. */
export function script(
  shell: string,
  text: string,
): { command: string[]; files: { 'start.sh': string }; needs: string[] } {
  const program = shell === 'ash' ? ['busybox', 'ash'] : [shell]
  return { command: [...program, 'start.sh'], files: { 'start.sh': text }, needs: [program[0] as string] }
}

/** dash, ash: `sh` of Debian and Alpine. */
export const POSIX_SHELLS = ['bash', 'dash', 'ash'] as const
/** These always catch SIGTERM, or notice the hold: never asked, always stepped over. */
export const OTHER_SHELLS = ['zsh', 'ksh', 'mksh'] as const

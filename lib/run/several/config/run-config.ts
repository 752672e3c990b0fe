import type { Readiness } from '../../../children/plan/child-options.ts'
import type { RestartPolicy } from '../../../children/restart.ts'

/** What `lastcall.config.json`, `.js`, `.mjs` or `.ts` holds: the commands of `lastcall run`, and their one shutdown. */
export interface RunConfig {
  /** For editors: `./node_modules/lastcall/dist/config.schema.json`. */
  readonly $schema?: string
  /** Each command by its name: letters, digits, `-`, `_` and `.`. A line for `sh -c` alone is `{ command: line }`. */
  readonly commands: Readonly<Record<string, string | CommandOptions>>
  /** As `--grace`, which goes before it: seconds from the stop signal to SIGKILL, at least 1. */
  readonly terminationGracePeriodSeconds?: number
  /** As `--pre-stop`, which goes before it: a line for `/bin/sh`, run before anybody is told to stop. */
  readonly preStop?: string
  /** As `--report`, which goes before it: a file for the report. */
  readonly reportFile?: string
}

/** One command of `lastcall run`. Paths are relative to the file that names them. */
export interface CommandOptions {
  /**
   * A line for `sh -c`; or program and arguments, started as they are.
   * @default required
   */
  readonly command: string | readonly string[]
  /**
   * Names of commands that are ready before this one starts, and stop after it. They may come later in the file.
   * @default []
   */
  readonly after?: readonly string[]
  /**
   * When it counts as ready, for those that start after it.
   * @default 'spawn'
   */
  readonly ready?: Readiness
  /**
   * How long it may take to be ready, in milliseconds. At the limit it is stopped, which counts as a failure.
   * @default 30000
   */
  readonly readyTimeoutMs?: number
  /**
   * When it is started again after it has ended; five ends within 60 s are too many, and everything stops.
   * @default 'on-failure'
   */
  readonly restart?: RestartPolicy
  /**
   * Whether its end, once the policy has no restart left, stops everything; its exit code is then that of `run`.
   * @default false
   */
  readonly significant?: boolean
  /**
   * What it is told to stop with.
   * @default `--stop-signal`, else 'SIGTERM'
   */
  readonly stopSignal?: NodeJS.Signals
  /**
   * How long it may take to stop, in milliseconds; then SIGKILL, to its whole tree.
   * @default what the phase has left
   */
  readonly stopTimeoutMs?: number
  /**
   * As `--step-over`, for this command: names of launchers in its tree that take the stop signal and pass it to nobody;
   * their children are told instead.
   * @default those of `--step-over`
   */
  readonly stepOver?: readonly string[]
  /**
   * Where its output goes: `prefix`, whole lines with its name before them; `inherit`, as it is; `ignore`, nowhere.
   * @default 'prefix'
   */
  readonly output?: 'prefix' | 'inherit' | 'ignore'
  /**
   * Its working directory.
   * @default the folder of the file
   */
  readonly cwd?: string
  /**
   * Variables to add to the environment of `run`; `null` removes one.
   * @default {}
   */
  readonly env?: Readonly<Record<string, string | null>>
  /**
   * The user that it runs as; only root can take another.
   * @default that of `run`
   */
  readonly uid?: number
  /**
   * The group that it runs as.
   * @default that of `run`
   */
  readonly gid?: number
}

/**
 * Gives a `lastcall.config.ts` or `.js` its type, and returns it as it is. The default export may also be a function,
 * async too, that returns one.
 * @example
 * import { defineConfig } from 'lastcall'
 *
 * export default defineConfig({
 *   commands: {
 *     model: { command: ['python3', 'model.py'], ready: { port: 9000 } },
 *     web: { command: 'node server.js', after: ['model'], significant: true },
 *   },
 * })
 */
export function defineConfig(config: RunConfig): RunConfig {
  return config
}

// For users.

export type { Phase } from './clock/phases.ts'
export { createShutdown, type Shutdown, type TrackedJob } from './create-shutdown.ts'
export { LastcallError, type LastcallErrorCode } from './errors.ts'
// For integrations: what the report is made of.
export type { ChildReport, SurvivorReport } from './hooks/findings.ts'
export type { HookContext, HookFunction, HookOptions, PreStopOptions } from './hooks/hook.ts'
export type { Reason } from './hooks/reason.ts'
export type { Outcome } from './hooks/run-hook.ts'
export type {
  ClockReport,
  ErrorReport,
  HookReport,
  PhaseReport,
  ReasonReport,
  Report,
  SignalReport,
} from './report/report.ts'
export type { ShutdownOptions } from './shutdown/shutdown-options.ts'

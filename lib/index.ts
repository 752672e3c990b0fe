// biome-ignore-all assist/source/organizeImports: what users need comes first, what integrations need second.

// For users.
export { createShutdown } from './create-shutdown.ts'
export { LastcallError, type LastcallErrorCode } from './errors.ts'
export type { AdoptedKind, AdoptOptions } from './children/adopt/adopt-options.ts'
export type { Adopted } from './children/adopt/adopted.ts'
export type { Child } from './children/child.ts'
export type { ChildEvent, ChildState } from './children/child-events.ts'
export type { ChildStop } from './children/child-host.ts'
export type { LineReader, Readiness, SuperviseOptions } from './children/plan/child-options.ts'
export type { RestartPolicy } from './children/restart.ts'
export type { Phase } from './clock/phases.ts'
export type { HookContext, HookFunction, HookOptions, PreStopOptions } from './hooks/hook.ts'
export type { Reason } from './hooks/reason.ts'
export type { PodOptions } from './kubernetes/pod/pod-options.ts'
export type {
  CheckFunction,
  CheckOptions,
  ProbeHandler,
  ProbePaths,
  ProbeRequest,
  ProbeResponse,
  ProbeServer,
  ProbeServerOptions,
  ProbesOptions,
} from './probes/probe-options.ts'
export type { ReadinessPolicy } from './probes/readiness-policy.ts'
export type { Report } from './report/report.ts'
export { type CommandOptions, defineConfig, type RunConfig } from './run/several/config/run-config.ts'
export type { OnStopping } from './serving/long-lived.ts'
export type { ArrivedRequest } from './serving/lame-duck/probe.ts'
export type { ServerOptions } from './serving/server-options.ts'
export type { ShutdownOptions, WatchdogOptions } from './shutdown/options/shutdown-options.ts'
export type { Shutdown } from './shutdown-handle.ts'
export type { ConsumerOptions } from './work/consumer.ts'
export type { OwnConsumer } from './work/consumers/own.ts'
export type { Track, TrackedJob } from './work/track.ts'

// For integrations: what the report is made of.
export type { CallOutcome, CallReport, PodReport } from './kubernetes/pod/pod-report.ts'
export type { ChildReport, SurvivorReport } from './hooks/findings.ts'
export type {
  ConnectionCounts,
  ConnectionEnd,
  ConsumerReport,
  LameDuckReport,
  ServerReport,
} from './hooks/traffic-report.ts'
export type { Outcome } from './hooks/run-hook.ts'
export type {
  BlockedReport,
  ClockReport,
  ErrorReport,
  ExitCall,
  HookReport,
  PhaseReport,
  ReasonReport,
  SignalReport,
  WatchdogReport,
} from './report/report.ts'

import { LastcallError } from '../../lib/errors.ts'

/** Code and message of the LastcallError that `run` throws; it must throw one. */
export function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof LastcallError) return `${error.code} ${error.message}`
    throw error
  }
  throw new Error('it was taken')
}

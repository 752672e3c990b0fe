import { workerData } from 'node:worker_threads'
import { LastWord } from '../../lib/watchdog/last-word.ts'

// A thread in the place of main: it tells, and counts in the last of the numbers that are shared.
const numbers = new Int32Array(workerData)
new LastWord(workerData, 0).tell(7, () => Atomics.add(numbers, numbers.length - 1, 1))

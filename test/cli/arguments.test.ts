import * as assert from 'uvu/assert'
import { readArguments, type Shape } from '../../lib/cli/arguments.ts'
import { passedSignal, stopSignal } from '../../lib/cli/signal-name.ts'
import { test } from '../support/suite.ts'

const SHAPES: Record<string, Shape> = { '--grace': 'value', '--pass': 'list', '--json': 'flag', '--help': 'flag' }
const read = (...args: string[]) => readArguments('run', args, SHAPES)

test('what follows -- is the command, with options of its own', () => {
  assert.equal(read('--grace', '5', '--', 'node', '--grace', '7', '--').rest, ['node', '--grace', '7', '--'])
})

test('the first word that is no option is the command, since npm drops a --', () => {
  const given = read('--json', 'node', '--grace', '7')
  assert.equal([given.has('--json'), given.has('--grace'), given.rest], [true, false, ['node', '--grace', '7']])
})

test('a value may follow = or a blank, and may begin with a dash', () => {
  assert.is(read('--grace=5', 'x').value('--grace'), '5')
  assert.is(read('--grace', '-5', 'x').value('--grace'), '-5')
  assert.is(read('--grace=a=b', 'x').value('--grace'), 'a=b')
})

test('of a value the last counts, of a list all do', () => {
  const given = read('--grace', '1', '--pass', 'HUP', '--grace', '2', '--pass', 'QUIT', 'x')
  assert.equal([given.value('--grace'), given.values('--pass')], ['2', ['HUP', 'QUIT']])
})

test('without options and without a command there is nothing', () => {
  const given = read()
  assert.equal(
    [given.has('--json'), given.value('--grace'), given.values('--pass'), given.rest],
    [false, undefined, [], []],
  )
})

test('a signal may be written as kill and a Dockerfile write it', () => {
  const problem = (text: string) => new Error(text)
  for (const name of ['QUIT', 'SIGQUIT', 'quit', 'sigquit', '3']) {
    assert.is(stopSignal('--stop-signal', name, problem), 'SIGQUIT')
    assert.is(passedSignal('--pass', name, problem), 'SIGQUIT')
  }
  assert.throws(() => stopSignal('--stop-signal', '99', problem), /99 has none/)
})

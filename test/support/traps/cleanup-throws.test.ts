import { test } from '../suite.ts'

test('has a cleanup that throws', (t) => {
  t.after(() => console.log('the other cleanup ran'))
  t.after(() => {
    throw new Error('from the cleanup')
  })
})
test('fails, and its cleanup throws', (t) => {
  t.after(() => {
    throw new Error('from the second cleanup')
  })
  throw new Error('from the body')
})

// A task of a pool: takes as many ms as it is given, or fails with the text that it is given.
export default (ms) => {
  if (typeof ms === 'string') throw new Error(ms)
  return new Promise((resolve) => setTimeout(resolve, ms, 'ten'))
}

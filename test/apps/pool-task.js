// A task of a pool: takes as many ms as it is given.
export default (ms) => new Promise((resolve) => setTimeout(resolve, ms))

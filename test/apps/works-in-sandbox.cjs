// A BullMQ processor that is given as a file runs in a process of its own; it says which, and works for a minute.
module.exports = async (job) => {
  await job.updateProgress({ pid: process.pid })
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}

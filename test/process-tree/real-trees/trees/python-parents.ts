import type { Tree } from '../tree.ts'

const two = { ready: ['a ready', 'b ready'], cleaned: ['a', 'b'] }

/** Python programs that start others: without a handler Python does not catch SIGTERM. */
export const pythonParents: Tree[] = [
  {
    name: 'python, subprocess.run → server',
    told: 'server; python does not handle it',
    command: [
      'python3',
      '-c',
      'import subprocess, sys; sys.exit(subprocess.run(["node", "server.js", "a", "500", "7"]).returncode)',
    ],
    needs: ['python3'],
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'python, os.system → server',
    told: 'server; neither python nor sh handles it',
    command: ['python3', '-c', 'import os, sys; sys.exit(os.system("node server.js a 500 7; exit $?") >> 8)'],
    needs: ['python3'],
    expect: { code: 7, ms: 529 },
  },
  {
    name: 'python supervisor, stops its children in order',
    told: 'supervisor, which stops them in order',
    command: ['python3', 'supervisor.py'],
    files: {
      'supervisor.py': `import signal, subprocess, sys, time
children = [subprocess.Popen(["python3", "server.py", name, "300"]) for name in ("a", "b")]
def stop(number, frame):
    for child in children:
        child.terminate()
        child.wait()
    sys.exit(4)
signal.signal(signal.SIGTERM, stop)
while True:
    time.sleep(1)
`,
    },
    needs: ['python3'],
    ready: two.ready,
    expect: { code: 4, cleaned: two.cleaned, order: ['a cleaned', 'b told'], ms: 680 },
  },
  {
    name: 'python, multiprocessing, three workers that handle it',
    told: 'the workers; their parent does not handle it',
    command: ['python3', 'workers.py'],
    files: {
      'workers.py': `import multiprocessing, subprocess, sys, runpy
def work(name):
    sys.argv = ["server.py", name]
    runpy.run_path("server.py")
if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    workers = [multiprocessing.Process(target=work, args=(name,)) for name in ("a", "b", "c")]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    sys.exit(3)
`,
    },
    needs: ['python3'],
    ready: [...two.ready, 'c ready'],
    expect: { code: 3, cleaned: ['a', 'b', 'c'], ms: 580 },
  },
  {
    name: 'python supervisor that restarts what ends',
    told: 'the server; at the restart python, then the new server',
    command: ['python3', '-c', 'import subprocess\nwhile True: subprocess.run(["node", "server.js", "a", "500", "1"])'],
    needs: ['python3'],
    expect: { code: 143, ms: 1150 },
  },
]

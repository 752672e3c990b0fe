import { execFile } from 'node:child_process'
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Tree } from '../tree.ts'
import { script } from './script.ts'

const exec = promisify(execFile)
const kilobytes = 80

/** Programs that teams did not write themselves. */
export const services: Tree[] = [
  {
    name: 'bash → gunicorn, busy',
    told: 'master, which tells its workers',
    ...script('bash', 'echo starting\ngunicorn --workers 2 --bind unix:app.sock --log-file events.log app:app\n'),
    files: {
      'start.sh': 'echo starting\ngunicorn --workers 2 --bind unix:app.sock --log-file events.log app:app\nexit $?\n',
      'app.py': `import time
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2000")])
    yield b"x" * 1000
    time.sleep(0.5)
    yield b"x" * 1000
`,
    },
    needs: ['gunicorn'],
    ready: ['Booting worker', 'Listening at'],
    request: { socket: 'app.sock', path: '/', bytes: 2000 },
    expect: { code: 0, cleaned: [], once: ['Handling signal: term', 'Shutting down'], ms: 545 },
  },
  {
    name: 'bash → nginx, --stop-signal QUIT',
    told: 'master, which lets its workers finish',
    ...script('bash', 'echo starting\nnginx -p "$PWD" -c nginx.conf\nexit $?\n'),
    files: {
      'start.sh': 'echo starting\nnginx -p "$PWD" -c nginx.conf\nexit $?\n',
      'nginx.conf': `daemon off; pid nginx.pid; error_log events.log notice; worker_processes 2;
events {}
http {
  access_log off;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  server { listen unix:app.sock; root html; location / { limit_rate 64k; } }
}
`,
    },
    prepare: async (folder) => {
      await mkdir(`${folder}/html`)
      await writeFile(`${folder}/html/slow`, 'x'.repeat(kilobytes * 1024))
    },
    needs: ['nginx'],
    root: true,
    options: ['--stop-signal', 'QUIT'],
    ready: ['start worker process '],
    request: { socket: 'app.sock', path: '/slow', bytes: kilobytes * 1024 },
    expect: { code: 0, cleaned: [], once: ['signal 3 (SIGQUIT) received from'], ms: 1000 },
  },
  {
    name: 'bash → su → postgres',
    told: 'postmaster; su would kill it',
    ...script('bash', ''),
    files: {
      'start.sh': [
        'BIN=$(ls -d /usr/lib/postgresql/*/bin | tail -1)',
        `su postgres -s /bin/sh -c "$BIN/postgres -D $PWD/data -k $PWD -c listen_addresses= -c fsync=off" >>events.log 2>&1`,
        'exit $?\n',
      ].join('\n'),
    },
    prepare: initDatabase,
    needs: ['su', 'pg_ctlcluster'],
    root: true,
    ready: ['ready to accept connections'],
    expect: { code: 0, cleaned: [], once: ['shutdown request', 'database system is shut down'], ms: 28 },
  },
  {
    name: 'bash → redis-server',
    told: 'redis-server; bash does not handle it',
    ...script('bash', ''),
    files: {
      'start.sh':
        'redis-server --port 0 --unixsocket redis.sock --dir "$PWD" --logfile events.log --save "60 1"\nexit $?\n',
    },
    needs: ['redis-server'],
    ready: ['to accept connections'],
    expect: { code: 0, cleaned: [], once: ['Received SIGTERM', 'bye bye'], ms: 100 },
  },
]

async function initDatabase(folder: string): Promise<void> {
  const [version] = (await readdir('/usr/lib/postgresql')).sort().slice(-1)
  const { stdout } = await exec('id', ['-u', 'postgres'])
  await mkdir(`${folder}/data`)
  await chown(`${folder}/data`, Number(stdout), Number(stdout))
  const user = ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups']
  const options = ['-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C']
  await exec('setpriv', [...user, `/usr/lib/postgresql/${version}/bin/initdb`, ...options])
}

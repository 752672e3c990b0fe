import process from 'node:process'
import type { Tree } from '../tree.ts'
import { script } from './script.ts'

const start = { 'start.sh': 'echo starting\nnode server.js a 500 7\nexit $?\n' }
const server = 'server; neither init nor bash is asked'

/** Inits and programs that change the user, between lastcall and the server. */
export const inits: Tree[] = [
  ...[['tini', '-s', '--'], ['tini', '-s', '-g', '--'], ['dumb-init'], ['dumb-init', '-c'], ['catatonit', '--']].map(
    (init): Tree => ({
      name: `${init.join(' ').replace(' --', '')} bash → server`,
      told: server,
      command: [...init, 'bash', 'start.sh'],
      files: start,
      needs: [init[0] as string],
      expect: { code: 7, ms: 532 },
    }),
  ),
  {
    name: 'tini → node server',
    told: 'server; tini ends with it',
    command: ['tini', '-s', '--', 'node', 'server.js', 'a', '500', '7'],
    needs: ['tini'],
    expect: { code: 7, ms: 532 },
  },
  {
    name: 'bash → dumb-init → server & tail',
    told: 'server; bash and dumb-init are stepped over',
    ...script('bash', "dumb-init bash -c 'node server.js a 500 7 & wait $!'\nexit $?\n"),
    needs: ['dumb-init'],
    expect: { code: 7, ms: 532 },
  },
  {
    name: 'sudo bash → server',
    told: 'server; sudo only starts it',
    command: ['sudo', 'bash', 'start.sh'],
    files: start,
    needs: ['sudo'],
    root: true,
    expect: { code: 7, ms: 533 },
  },
  {
    name: 'sudo -u nobody node server',
    told: 'server; sudo only starts it',
    command: ['sudo', '-u', 'nobody', process.execPath, 'server.js', 'a', '500', '7'],
    needs: ['sudo'],
    root: true,
    expect: { code: 7, ms: 533 },
  },
  {
    name: 'bash → su -c, 2.5 s of cleanup',
    told: 'server: su would kill it after 2 s',
    ...script('bash', "su nobody -s /bin/sh -c 'node server.js a 2500 7'\nexit $?\n"),
    needs: ['su'],
    root: true,
    expect: { code: 7, ms: 2536 },
  },
  {
    name: 'bash → runuser -u nobody → server',
    told: 'server; runuser only starts it',
    ...script('bash', 'runuser -u nobody -- node server.js a 500 7\nexit $?\n'),
    needs: ['runuser'],
    root: true,
    expect: { code: 7, ms: 533 },
  },
  {
    name: 'bash → setpriv --reuid nobody → server',
    told: 'server: setpriv has become it',
    ...script('bash', 'setpriv --reuid 65534 --regid 65534 --clear-groups node server.js a 500 7\nexit $?\n'),
    needs: ['setpriv'],
    root: true,
    expect: { code: 7, ms: 533 },
  },
]

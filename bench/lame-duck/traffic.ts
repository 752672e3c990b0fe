/** One that routes to us: it lets go at a moment of its own, and several may stand behind one address. */
export interface Router {
  readonly address: string
  /** New connections a second; of a pool, requests a second. */
  readonly rate: number
  /** Connections that come at once. */
  readonly burst: number
  /** Connections that it keeps; 0: one for each request. */
  readonly pool: number
}

/** A kind of traffic. */
export interface Kind {
  readonly name: string
  readonly routers: readonly Router[]
  /** Few rounds are enough, and many would take minutes. */
  readonly isHeavy?: boolean
}

/** `many` addresses with `behind` routers each, which share `rate`. */
function routers(
  many: number,
  rate: number,
  more: { behind?: number; burst?: number; pool?: number; name?: string } = {},
): Router[] {
  const { behind = 1, burst = 1, pool = 0, name = 'a' } = more
  return Array.from({ length: many * behind }, (_, n) => ({
    ...{ address: `${name}${n % many}`, rate: rate / many / behind / burst, burst, pool },
  }))
}

/** Ingress controllers have four workers that hear of the end one after the other. */
const WORKERS = { behind: 4 }

export const KINDS: readonly Kind[] = [
  { name: '1 ingress, 50/s', routers: routers(1, 50, WORKERS) },
  { name: '10 ingress, 200/s', routers: routers(10, 200, WORKERS), isHeavy: true },
  { name: '10 ingress, 20/s', routers: routers(10, 20, WORKERS) },
  { name: 'bursts of 10, 10 ingress, 100/s', routers: routers(10, 100, { ...WORKERS, burst: 10 }), isHeavy: true },
  { name: '3 ingress, pools of 20, 100 requests/s', routers: routers(3, 100, { pool: 20 }) },
  { name: '100 pods behind 20 nodes, 20/s', routers: routers(20, 20, { behind: 5 }) },
  { name: 'mesh, 30 behind 1 address, 50/s', routers: routers(1, 50, { behind: 30 }) },
  { name: 'mesh, 30 behind 1 address, 10/s', routers: routers(1, 10, { behind: 30 }) },
  {
    name: '2 ingress, 100/s, and 30 pods, 1/s',
    routers: [...routers(2, 100, WORKERS), ...routers(30, 1, { name: 'pod' })],
  },
  { name: '100 pods with pools of 2, 50 requests/s', routers: routers(100, 50, { pool: 2 }) },
  { name: '1 connection a minute', routers: routers(1, 1 / 60) },
]

/** When each router lets go, in seconds after the begin. */
export const ROUTINGS: Readonly<Record<string, (chance: () => number) => number>> = {
  'at once': () => 0,
  'uniform, 0 to 5 s': (chance) => 5 * chance(),
  'mean 1 s, 5 % at 8 s': (chance) => (chance() < 0.05 ? 8 : Math.min(8, -Math.log(1 - chance()))),
  'uniform, 0 to 20 s': (chance) => 20 * chance(),
}

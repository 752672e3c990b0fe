import type { Drainable } from '../drainable.ts'
import type { Recognised } from '../recognise.ts'

/** What we use of a Nest application. */
interface NestLike {
  getHttpServer(): object
  close(): Promise<unknown>
}

/** Nest with any http adapter. */
export const NEST: Recognised = {
  looksLike: (thing) => {
    const { getHttpServer, getHttpAdapter, close } = thing as Record<string, unknown>
    return [getHttpServer, getHttpAdapter, close].every((method) => typeof method === 'function')
  },
  drainable: (thing, inner): Drainable => {
    const app = thing as NestLike
    const http = inner.of(app.getHttpServer())
    return {
      kind: 'nest',
      address: () => http.address(),
      drain: (context) => http.drain(context),
      closeLater: () => app.close(),
    }
  },
}

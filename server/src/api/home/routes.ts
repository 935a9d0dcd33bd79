import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { plainFailure } from '../fallback.ts'
import { addRoute } from '../route.ts'
import type { Surface } from '../surface.ts'

const page = readFileSync(join(import.meta.dirname, 'page.html'))

/** The page at `/`: that Earshot runs, and the first steps, in the reader's language. */
export const homeSurface: Surface = {
  name: 'home',
  prefixes: [],
  failure: plainFailure,
  register(server) {
    addRoute(server, {
      method: 'GET',
      url: '/',
      signIn: 'none',
      scope: 'none',
      rate: 'free',
      bodyKind: 'none',
      quiet: true,
      document: { hide: true },
      handler: (_, __, reply) =>
        reply
          .type('text/html; charset=utf-8')
          .header(
            'Content-Security-Policy',
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
          )
          .header('Referrer-Policy', 'no-referrer')
          .send(page),
    })
  },
}

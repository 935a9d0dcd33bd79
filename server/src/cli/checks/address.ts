import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Config } from '../../config.ts'
import { localFetch } from '../localFetch.ts'
import { findServer } from '../serveFile.ts'
import { fail, ok, warn, type Finding } from './check.ts'

const soonMs = 30 * 86_400_000
const answerMs = 5_000

/** Checks that the port is free or belongs to this data folder's server. */
export async function checkPort(config: Config): Promise<Finding> {
  const { host, port } = config
  const server = await findServer(config.dataDirectory)
  if (server) {
    const answers = await localFetch(server.url, config)(`${server.url}/health`, {
      signal: AbortSignal.timeout(answerMs),
    }).then(
      (answer) => answer.ok,
      () => false,
    )
    return answers
      ? ok('port', `the server of this folder answers at ${server.url} (pid ${server.pid})`)
      : fail(
          'port',
          `the process ${server.pid} serves this folder at ${server.url} but does not answer`,
          'Look into its log; restart it.',
        )
  }
  if (port === 0) return ok('port', 'a free one is taken')
  const code = await tryListening(host, port)
  if (code === undefined) return ok('port', `${port} on ${host} is free`)
  if (code === 'EADDRINUSE') {
    return fail(
      'port',
      `${port} on ${host} is in use by another program`,
      'Stop that program, or choose another port with EARSHOT_PORT.',
    )
  }
  if (code === 'EACCES')
    return fail('port', `${port} is reserved for the system`, 'Choose a port from 1024 with EARSHOT_PORT.')
  return fail(
    'port',
    `${host} is not an address of this machine (${code})`,
    'Set EARSHOT_HOST to 127.0.0.1, 0.0.0.0 or one of its own addresses.',
  )
}

async function tryListening(host: string, port: number): Promise<string | undefined> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    probe.listen({ host, port }, () => probe.close(() => resolve(undefined)))
  })
}

/** Checks that the certificate can be read, fits its key and stays valid for 30 days. */
export function checkTls({ tlsCertificate, tlsKey }: Config): Finding {
  if (tlsCertificate === '') return ok('tls', 'off: the server speaks http')
  const certificate = new X509Certificate(readFileSync(tlsCertificate))
  if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(tlsKey)))) {
    return fail(
      'tls',
      'the certificate and the key do not belong together',
      'Set EARSHOT_TLS_CERT and EARSHOT_TLS_KEY to a pair.',
    )
  }
  const left = Date.parse(certificate.validTo) - Date.now()
  const until = `valid until ${certificate.validTo}`
  if (Date.parse(certificate.validFrom) > Date.now())
    return fail('tls', `valid only from ${certificate.validFrom}`, 'Check the clock and the certificate.')
  if (left <= 0) return fail('tls', `expired: ${until}`, 'Renew the certificate and restart Earshot.')
  if (left < soonMs) return warn('tls', until, 'Renew the certificate and restart Earshot.')
  if ((statSync(tlsKey).mode & 0o004) !== 0)
    return warn('tls', `${tlsKey} can be read by everybody`, `Run chmod 600 ${tlsKey}.`)
  return ok('tls', until)
}

/** Whether a server that listens on this host can be reached only from this machine. */
export function isLoopback(host: string): boolean {
  return ['127.0.0.1', 'localhost', '::1'].includes(host)
}

/** Checks that clients can open the links of exports and recordings. */
export function checkPublicUrl({ publicUrl, host, tlsCertificate }: Config): Finding {
  if (publicUrl === '') {
    return isLoopback(host)
      ? ok('public address', 'the listening address; only this machine can follow links')
      : warn(
          'public address',
          'not set; links begin with the address to which each request was sent',
          'Set EARSHOT_PUBLIC_URL to the address that clients use.',
        )
  }
  const url = new URL(publicUrl)
  if (url.search !== '' || url.hash !== '')
    return fail('public address', publicUrl, 'Leave out everything from ? or # on.')
  const isPrivate = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isPrivate) {
    return warn(
      'public address',
      `${publicUrl} is not encrypted`,
      'Put a proxy with https before Earshot, or set EARSHOT_TLS_CERT and EARSHOT_TLS_KEY.',
    )
  }
  if (url.protocol === 'http:' && tlsCertificate !== '') {
    return fail(
      'public address',
      `${publicUrl} is http, but the server speaks https`,
      'Let EARSHOT_PUBLIC_URL begin with https://.',
    )
  }
  return ok('public address', publicUrl)
}

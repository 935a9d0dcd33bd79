// Asks the server of this container whether it serves; ends with 1 when it does not. For HEALTHCHECK in the Dockerfile.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

const { EARSHOT_PORT: port = '8080', EARSHOT_TLS_CERT: certificate = '' } = process.env
const [request, options] =
  certificate === ''
    ? [httpRequest, {}]
    : // The certificate is made out to the public name, and this asks for the machine itself.
      [httpsRequest, { rejectUnauthorized: false }]

request({ host: '127.0.0.1', port, path: '/health', timeout: 4000, ...options }, (answer) => {
  process.exit(answer.statusCode === 200 ? 0 : 1)
})
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end()

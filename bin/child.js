// The command line as the child of bin/earshot.js.
import { Socket } from 'node:net'

// Nothing ever comes through the lifeline but its end: the parent is gone, however it died. SIGKILL, because an
// orderly end could hang; everything that was acknowledged is on disk.
const lifeline = new Socket({ fd: 3, readable: true, writable: false })
lifeline.on('error', die)
lifeline.on('end', die)
lifeline.resume()
lifeline.unref()

function die() {
  process.kill(process.pid, 'SIGKILL')
}

await import('../server/src/main.ts')

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The server of Earshot that `npm run dev -w console` talks to.
const server = 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The server puts a fresh one in its place with every page.
  html: { cspNonce: 'EARSHOT_NONCE' },
  build: {
    target: 'es2023',
    // Everything is a file of its own: the content security policy takes no inline data but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': server, '/api': server, '/files': server } },
})

/**
 * The addresses of the console's pages, which its own router tells apart: a page that is added there
 * (`console/src/layout/pageList.ts`) is added here, so that its address can be opened and shared.
 */
export const consolePaths = [
  '/',
  '/calls',
  '/calls/:id',
  '/exports',
  '/webhooks',
  '/webhooks/:id',
  '/data',
  '/keys',
  '/status',
  '/settings',
] as const

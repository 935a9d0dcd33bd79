import { lazy, type ComponentType } from 'react'
import type { Scope } from '../api/session.tsx'
import type { MessageKey } from '../i18n/en.ts'
import type { IconName } from '../parts/Icon.tsx'

/** A page of the console. */
export interface Page {
  /** Its address; `server/src/api/console/paths.ts` must list its first segment too. */
  path: string
  component: ComponentType
  /** Its entry in the navigation, for callers with the scope; other pages link to pages without one. */
  navigation?: { label: MessageKey; icon: IconName; scope?: Scope; shortcut: string }
}

/** Every page in the order of the navigation; its code is loaded when it is first opened. */
export const pages: readonly Page[] = [
  {
    path: '/',
    component: lazy(() => import('../overview/OverviewPage.tsx').then((module) => ({ default: module.OverviewPage }))),
    navigation: { label: 'nav.overview', icon: 'overview', scope: 'analytics:read', shortcut: 'o' },
  },
  {
    path: '/calls',
    component: lazy(() => import('../calls/CallsPage.tsx').then((module) => ({ default: module.CallsPage }))),
    navigation: { label: 'nav.calls', icon: 'calls', scope: 'calls:read', shortcut: 'c' },
  },
  {
    path: '/calls/:id',
    component: lazy(() => import('../call/CallPage.tsx').then((module) => ({ default: module.CallPage }))),
  },
  {
    path: '/exports',
    component: lazy(() => import('../exports/ExportsPage.tsx').then((module) => ({ default: module.ExportsPage }))),
    navigation: { label: 'nav.exports', icon: 'exports', scope: 'analytics:export', shortcut: 'e' },
  },
  {
    path: '/webhooks',
    component: lazy(() => import('../webhooks/WebhooksPage.tsx').then((module) => ({ default: module.WebhooksPage }))),
    navigation: { label: 'nav.webhooks', icon: 'webhooks', scope: 'webhooks:manage', shortcut: 'w' },
  },
  {
    path: '/webhooks/:id',
    component: lazy(() => import('../webhooks/EndpointPage.tsx').then((module) => ({ default: module.EndpointPage }))),
  },
  {
    path: '/data',
    component: lazy(() => import('../data/DataPage.tsx').then((module) => ({ default: module.DataPage }))),
    navigation: { label: 'nav.data', icon: 'data', scope: 'admin', shortcut: 'd' },
  },
  {
    path: '/keys',
    component: lazy(() => import('../keys/KeysPage.tsx').then((module) => ({ default: module.KeysPage }))),
    navigation: { label: 'nav.keys', icon: 'keys', scope: 'admin', shortcut: 'a' },
  },
  {
    path: '/status',
    component: lazy(() => import('../health/HealthPage.tsx').then((module) => ({ default: module.HealthPage }))),
    navigation: { label: 'nav.health', icon: 'health', scope: 'admin', shortcut: 'h' },
  },
  {
    path: '/settings',
    component: lazy(() => import('../settings/SettingsPage.tsx').then((module) => ({ default: module.SettingsPage }))),
    navigation: { label: 'nav.settings', icon: 'settings', shortcut: 's' },
  },
]

/** The address for a search of the calls. */
export const callsPath = '/calls'

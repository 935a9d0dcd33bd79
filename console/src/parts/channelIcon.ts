import type { IconName } from './Icon.tsx'

const icons: Record<string, IconName> = {
  phone: 'calls',
  mobile: 'globePhone',
  widget: 'widget',
  video: 'video',
  chat: 'chat',
  email: 'mail',
  sms: 'chat',
  task: 'task',
}

/** The icon of a channel. */
export function channelIcon(channel: string): IconName {
  return icons[channel] ?? 'calls'
}

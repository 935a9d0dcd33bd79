/** Line drawings of 24 by 24. */
const drawings = {
  overview: 'M4 19.5h16M7 16v-5M12 16V6.5M17 16v-7.5',
  health: 'M3.5 12h4l2.5-6 4 12 2.5-6h4',
  settings: 'M4 7.5h9M17 7.5h3M4 16.5h3M11 16.5h9M15 5.5v4M9 14.5v4',
  calls:
    'M5 4h4l1.5 4.5L8 10a12 12 0 0 0 6 6l1.5-2.5L20 15v4a1.5 1.5 0 0 1-1.6 1.5A15.5 15.5 0 0 1 3.5 5.6 1.5 1.5 0 0 1 5 4Z',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 20 20',
  chevron: 'm7 10 5 5 5-5',
  back: 'm14 6-6 6 6 6',
  forward: 'm10 6 6 6-6 6',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  menu: 'M4 7h16M4 12h16M4 17h16',
  columns: 'M4 5h16v14H4zM9.5 5v14M14.5 5v14',
  bookmark: 'M7 4h10v16l-5-3.5L7 20z',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v6M13.5 10.5v6',
  signOut: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  book: 'M5 4.5h6a2 2 0 0 1 2 2V20a2 2 0 0 0-2-1.5H5zM19 4.5h-4a2 2 0 0 0-2 2V20a2 2 0 0 1 2-1.5h4z',
  keyboard: 'M3 6.5h18v11H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8M18 10h.01',
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  replay: 'M11 7 7 11l4 4M7 11h6.5a4.5 4.5 0 0 1 0 9H11',
  ahead: 'm13 7 4 4-4 4M17 11h-6.5a4.5 4.5 0 0 0 0 9H13',
  up: 'M12 19V5M6.5 10.5 12 5l5.5 5.5',
  down: 'M12 5v14M6.5 13.5 12 19l5.5-5.5',
  chat: 'M4 5h16v11H11l-4.5 3.5V16H4z',
  globePhone: 'M8 3.5h8v17H8zM11 17.5h2',
  widget: 'M4 5h16v14H4zM4 9h16M7 7h.01',
  video: 'M4 7h11v10H4zM15 11l5-3v8l-5-3z',
  mail: 'M4 6h16v12H4zM4.5 6.5 12 13l7.5-6.5',
  exports: 'M4 7h16v13H4zM4 7l2-3h12l2 3M12 10.5v6M9.5 14l2.5 2.5 2.5-2.5',
  download: 'M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14',
  webhooks: 'M9 8a3 3 0 1 1 4.2 2.7L16 16M8.5 12.5 6 17M16 16.5a2.8 2.8 0 1 1 1.5 2.3H9M9 18.8a3 3 0 1 1-3.5-4.3',
  keys: 'M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12h9M17.5 12v3.5M20.5 12v2.5',
  data: 'M5 6.5C5 5 8 4 12 4s7 1 7 2.5S16 9 12 9 5 8 5 6.5ZM5 6.5v11C5 19 8 20 12 20s7-1 7-2.5v-11M5 12c0 1.5 3 2.5 7 2.5s7-1 7-2.5',
  task: 'M5 5h14v14H5zM8.5 12l2.5 2.5 4.5-5',
} as const

export type IconName = keyof typeof drawings

/** An icon in the colour of its text. Decoration only, because a text always has the same meaning beside it. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={name === 'play' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={name === 'pause' ? 3 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={drawings[name]} />
    </svg>
  )
}

import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** The one accent: a deep teal. */
const tide: MantineColorsTuple = [
  '#e7f6f4',
  '#cdebe7',
  '#9bd6cf',
  '#68c1b7',
  '#3ba99f',
  '#1f928a',
  '#0f827b',
  '#0b7a75',
  '#09625e',
  '#064a47',
]

/** Cool greys for light surfaces. */
const gray: MantineColorsTuple = [
  '#f7f9fa',
  '#eff2f4',
  '#e3e8eb',
  '#d2d9de',
  '#b4bec6',
  '#8b98a3',
  '#66737f',
  '#4b5763',
  '#333d48',
  '#1b232c',
]

/** The same for dark ones, from text to ground. */
const dark: MantineColorsTuple = [
  '#e6ebef',
  '#c3ccd4',
  '#9aa7b3',
  '#77848f',
  '#3a4651',
  '#2c363f',
  '#222b33',
  '#171e25',
  '#11171d',
  '#0b1015',
]

const fonts = "'Figtree Variable', ui-sans-serif, system-ui, -apple-system, 'Segoe UI', sans-serif"

export const theme = createTheme({
  primaryColor: 'tide',
  primaryShade: { light: 7, dark: 6 },
  colors: { tide, gray, dark },
  fontFamily: fonts,
  headings: { fontFamily: fonts, fontWeight: '640' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
})

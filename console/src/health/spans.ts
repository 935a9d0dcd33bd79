import { useMemo } from 'react'
import { useI18n } from '../i18n/i18n.tsx'

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** Formats durations and amounts of memory in the chosen language. */
export function useSpans(): { time: (seconds: number) => string; bytes: (bytes: number) => string } {
  const { language } = useI18n()
  return useMemo(() => {
    const write = (value: number, unit: string, unitDisplay: 'short' | 'long', maximumFractionDigits: number) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay, maximumFractionDigits }).format(value)
    return {
      time(seconds) {
        const [unit, length] = units.find(([, min]) => seconds >= min) ?? ['second', 1]
        return write(Math.floor(seconds / length), unit, 'long', 0)
      },
      bytes: (bytes) =>
        bytes >= 1e9 ? write(bytes / 1e9, 'gigabyte', 'short', 1) : write(bytes / 1e6, 'megabyte', 'short', 0),
    }
  }, [language])
}

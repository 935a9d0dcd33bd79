import { useMediaQuery } from '@mantine/hooks'

/** Whether the screen is as narrow as a phone. */
export function useIsNarrow(): boolean {
  return useMediaQuery('(max-width: 48rem)', undefined, { getInitialValueInEffect: false })
}

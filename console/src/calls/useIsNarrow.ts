import { useMediaQuery } from '@mantine/hooks'

/** Whether the page is shown on something like a phone. */
export function useIsNarrow(): boolean {
  return useMediaQuery('(max-width: 48rem)', undefined, { getInitialValueInEffect: false })
}

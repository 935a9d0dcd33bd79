import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Actions, Dialog, Refusal } from './Dialog.tsx'

interface ConfirmProps {
  title: string
  /** The action in a word. */
  action: string
  /** Whether the action is destructive. */
  isDangerous?: boolean
  onConfirm: () => Promise<unknown>
  onClose: () => void
  /** The consequences. */
  children: ReactNode
}

/** Asks for confirmation, runs the action and closes. */
export function Confirm({ title, action, isDangerous = false, onConfirm, onClose, children }: ConfirmProps) {
  const { t } = useI18n()
  const confirmation = useMutation({ mutationFn: onConfirm, onSuccess: onClose })
  return (
    <Dialog title={title} onClose={onClose} width="28rem">
      {children}
      <Refusal error={confirmation.error} />
      <Actions>
        <Button variant="default" onClick={onClose}>
          {t('parts.back')}
        </Button>
        <Button
          color={isDangerous ? 'red.9' : undefined}
          loading={confirmation.isPending}
          onClick={() => confirmation.mutate()}
        >
          {action}
        </Button>
      </Actions>
    </Dialog>
  )
}

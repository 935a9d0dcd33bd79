import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Notice } from '../parts/Notice.tsx'
import page from '../parts/Page.module.css'
import { Part, WaitingRows } from '../parts/Page.tsx'
import { DeliveryRow } from './DeliveryRow.tsx'
import { ResendSince } from './ResendSince.tsx'
import classes from './Webhooks.module.css'
import { deliveryStates, useDeliveries, type DeliveryState } from './webhooksApi.ts'

/** What was and is being sent to an endpoint; state and opened delivery stand in the address. */
export function Deliveries({ endpointId }: { endpointId: string }) {
  const { t } = useI18n()
  const [address, setAddress] = useSearchParams()
  const state = deliveryStates.find((known) => known === address.get('status')) ?? ''
  const opened = address.get('delivery') ?? ''
  const deliveries = useDeliveries(endpointId, state)
  const [isResending, setIsResending] = useState(false)
  const shown = deliveries.data?.pages.flatMap(({ data }) => data)
  const show = (next: { status: string; delivery: string }) =>
    setAddress(new URLSearchParams(Object.entries(next).filter(([, value]) => value !== '')))
  return (
    <Part
      title={t('deliveries.title')}
      help={t('deliveries.help')}
      tools={
        <>
          <StateFilter state={state} onChange={(status) => show({ status, delivery: '' })} />
          <Button variant="default" size="compact-md" onClick={() => setIsResending(true)}>
            {t('deliveries.resendSince')}
          </Button>
        </>
      }
    >
      {deliveries.isPending && <WaitingRows />}
      {deliveries.isError && !deliveries.data && (
        <Failure error={deliveries.error} onRetry={() => void deliveries.refetch()} />
      )}
      {shown?.length === 0 && (
        <Notice title={t(state === '' ? 'deliveries.emptyTitle' : 'deliveries.noneTitle')}>
          {state === '' && <p className="soft">{t('deliveries.emptyHelp')}</p>}
        </Notice>
      )}
      {shown && shown.length > 0 && (
        <ul className={page.rows} aria-label={t('deliveries.title')}>
          {shown.map((delivery) => (
            <DeliveryRow
              key={delivery.id}
              endpointId={endpointId}
              delivery={delivery}
              isOpen={delivery.id === opened}
              onToggle={() => show({ status: state, delivery: delivery.id === opened ? '' : delivery.id })}
            />
          ))}
        </ul>
      )}
      {deliveries.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="default"
            loading={deliveries.isFetchingNextPage}
            onClick={() => void deliveries.fetchNextPage()}
          >
            {t('parts.more')}
          </Button>
        </div>
      )}
      {isResending && <ResendSince endpointId={endpointId} onClose={() => setIsResending(false)} />}
    </Part>
  )
}

function StateFilter({ state, onChange }: { state: DeliveryState | ''; onChange: (state: string) => void }) {
  const { t } = useI18n()
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('deliveries.state')}
      value={state}
      onChange={onChange}
      data={[
        { value: '', label: t('parts.all') },
        ...deliveryStates.map((known) => ({ value: known, label: t(`deliveries.${known}`) })),
      ]}
    />
  )
}

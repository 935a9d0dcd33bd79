import { useI18n } from '../i18n/i18n.tsx'
import { useName, type Call } from './callApi.ts'
import { EngagementsSection } from './EngagementsSection.tsx'
import { EvaluationSection } from './EvaluationSection.tsx'
import { EventsSection } from './EventsSection.tsx'
import { ReviewsSection } from './Reviews.tsx'
import { Fields, Section, wordList } from './Section.tsx'
import { SurveySection } from './SurveySection.tsx'

/** All data of a call except the transcript. */
export function Sections({ call }: { call: Call }) {
  const { t } = useI18n()
  const attributes = Object.entries(call.attributes ?? {})
  const hasTools = (call.toolsUsed?.length ?? 0) + (call.ticketsCreated?.length ?? 0) > 0
  return (
    <>
      <EvaluationSection evaluation={call.evaluation} />
      {call.notes !== undefined && (
        <Section title={t('section.notes')}>
          <p>{call.notes}</p>
        </Section>
      )}
      <SurveySection survey={call.survey} />
      <ReviewsSection callId={call.id} reviews={call.reviews} />
      <DetailsSection call={call} />
      {hasTools && (
        <Section title={t('section.tools')}>
          <Fields
            fields={[
              [t('field.tools'), wordList(call.toolsUsed)],
              [t('field.tickets'), wordList(call.ticketsCreated?.map((ticket) => `#${ticket}`))],
            ]}
          />
        </Section>
      )}
      <EngagementsSection engagements={call.engagements} />
      <EventsSection call={call} />
      {attributes.length > 0 && (
        <Section title={t('section.attributes')}>
          <Fields fields={attributes.map(([name, value]) => [name, String(value)])} />
        </Section>
      )}
    </>
  )
}

function DetailsSection({ call }: { call: Call }) {
  const { t, word, format } = useI18n()
  const yesNo = (value: boolean | undefined) => (value === undefined ? undefined : t(value ? 'calls.yes' : 'calls.no'))
  const agent = useName('agents', call.agentId)
  const campaign = useName('campaigns', call.campaignId)
  const callCenter = useName('call-centers', call.callCenterId)
  const queue = useName('queues', call.queueId)
  const customer = useName('customers', call.customerId)
  return (
    <Section title={t('section.details')}>
      <Fields
        fields={[
          [t('field.agent'), agent],
          [t('field.customer'), customer],
          [t('field.campaign'), campaign],
          [t('field.queue'), queue],
          [t('field.callCenter'), callCenter],
          [t('field.direction'), call.direction && word('direction', call.direction)],
          [t('field.reached'), call.internalEndpoint],
          [t('field.identity'), call.identity],
          [t('field.identified'), yesNo(call.authenticated)],
          [t('field.requester'), call.requesterName ?? call.requesterId],
          [t('field.language'), call.language && format.languageName(call.language)],
          [t('field.outcome'), call.outcome],
          [t('field.transfer'), call.transferDestination],
          [t('field.resolved'), yesNo(call.resolved)],
          [t('field.sentiment'), call.sentiment && word('sentiment', call.sentiment)],
          [t('field.topics'), wordList(call.topics)],
          [t('field.keywords'), wordList(call.keywords)],
          [t('field.tags'), wordList(call.tags)],
          [t('field.repeat'), call.dailyRepeatCalls ? format.integer(call.dailyRepeatCalls) : undefined],
          [t('field.flow'), call.flowVersion],
          [t('field.phase'), call.phase === 'DONE' ? undefined : call.phase],
          [t('field.id'), <code key="id">{call.id}</code>],
        ]}
      />
    </Section>
  )
}

import { useI18n } from '../i18n/i18n.tsx'
import { useName, type Engagement } from './callApi.ts'
import classes from './CallPage.module.css'
import { Section } from './Section.tsx'

/** The engagements of the call, in order. */
export function EngagementsSection({ engagements }: { engagements: readonly Engagement[] }) {
  const { t } = useI18n()
  if (engagements.length === 0) return null
  return (
    <Section title={t('section.engagements')}>
      <ul className={classes.entries}>
        {engagements.map((engagement) => (
          <EngagementEntry key={engagement.id} engagement={engagement} />
        ))}
      </ul>
    </Section>
  )
}

function EngagementEntry({ engagement }: { engagement: Engagement }) {
  const { format } = useI18n()
  const name = useName('agents', engagement.agentId)
  const { externalAgentName, startedAt, endedAt, type, team, outcome } = engagement
  const lasted = startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : undefined
  return (
    <li>
      <span className={classes.line}>
        <strong>{externalAgentName ?? name ?? engagement.id}</strong>
        {lasted !== undefined && <span className="numbers soft">{format.clock(lasted)}</span>}
      </span>
      <span className="soft">{[team, type, outcome].filter(Boolean).join(' · ')}</span>
    </li>
  )
}

import {
  between,
  boolean,
  count,
  field,
  fields,
  id,
  language,
  milliseconds,
  number,
  objects,
  offsetMs,
  oneOf,
  required,
  string,
  text,
  time,
  wordsOf,
} from '../fields.ts'
import { derivesNothing, hasNoRule, type Collection } from './collection.ts'

const callId = required('callId', id, 'The call that it belongs to.')

/** One agent's or bot's part of a call. */
export const engagements: Collection = {
  name: 'engagements',
  table: 'engagements',
  key: 'id',
  isPart: true,
  fields: [
    required('id', id, "The sender's id."),
    callId,
    field('agentId', id, 'Its agent.'),
    field('customerId', id, 'Its customer.'),
    ...fields(string, 'externalId name link', (name) => `Its ${wordsOf(name)}.`),
    field('conversationStartedAt', time, 'Start of the conversation.'),
    field('startedAt', time, 'Start of the engagement.'),
    field('endedAt', time, 'End of the engagement.'),
    ...fields(
      string,
      'conversationId conversationExternalId channelType direction status type outcomeType serviceLevel terminatedBy initiatedBy resolution channel queue team department outcome outcomeCategory reason reasonCategory caseName platform source language channelVendor category campaign priority menuPath flow service companyContact brand topicCategory topic attribute01 attribute02 attribute03 attribute04 agentLocation agentRole agentOrganization externalAgentName',
      (name) => `Its ${wordsOf(name)}.`,
    ),
    field('cost', number, 'What it cost.'),
    ...fields(
      offsetMs,
      'engagementTime focusTime holdTime invitationTime menuTime preparationTime waitTime wrapUpTime totalTime waitForCustomerTime',
      (name) => `${wordsOf(name)} in ms.`,
    ),
    ...fields(number, 'engagementFact01 engagementFact02 engagementFact03', (name) => `The sender's ${wordsOf(name)}.`),
    field(
      'orderAgentEngagements',
      { ...count, min: -count.max },
      "Its position among the conversation's agent engagements.",
    ),
    field('totalConversationAgentEngagements', { ...count, min: -count.max }, 'Agent engagements of the conversation.'),
    ...fields(
      number,
      'adaptability adherence clarity completeness customerSatisfaction empathy expressedSatisfaction languageSkills persuasion severity understanding',
      (name) => `The AI's score for ${wordsOf(name)}.`,
    ),
  ],
  derive: derivesNothing,
  check: hasNoRule,
}

/** One utterance or act. */
export const turns: Collection = {
  name: 'turns',
  table: 'turns',
  key: 'id',
  isPart: true,
  fields: [
    required('id', id, "The sender's id."),
    callId,
    field('engagementId', id, 'The engagement record that it belongs to.'),
    required('participant', oneOf('agent', 'customer'), 'Who spoke or acted.'),
    field('text', text, 'What was said.'),
    required('at', time, 'When it began.'),
    field('durationMs', milliseconds, 'How long it took, in ms.'),
    ...fields(string, 'type origin category', (name) => `Its ${name}.`),
    field('sentiment', between(-1, 1), 'Its sentiment.'),
    field('confidence', between(0, 1), "The transcription's confidence."),
    field('quality', between(0, 1), "The transcription's quality."),
    field('responseTo', string, 'The turn that it answers.'),
    field('externalId', string, "The sender's other id."),
    field('language', language, 'Its language (BCP 47).'),
    field('textAgent', text, 'The text in the language of the agent.'),
    field('textCustomer', text, 'The text in the language of the customer.'),
    field('languageAgent', language, 'The language of textAgent.'),
    field('languageCustomer', language, 'The language of textCustomer.'),
  ],
  derive: derivesNothing,
  check: hasNoRule,
}

/** The AI's evaluation of a call; at most one per call. */
export const evaluations: Collection = {
  name: 'evaluations',
  table: 'evaluations',
  key: 'callId',
  isPart: true,
  fields: [
    callId,
    required(
      'status',
      oneOf('evaluated', 'notEvaluated', 'pending', 'processing', 'failed'),
      'How far the evaluation is.',
    ),
    field('score', between(0, 10), 'Average score, 0 to 10.'),
    ...fields(string, 'category reason subReason', (name) => `${wordsOf(name)} of the typification.`),
    field('confidence', between(0, 100), 'Confidence of the typification in percent.'),
    field('sentiment', oneOf('positive', 'neutral', 'negative'), "The customer's sentiment."),
    field('formId', string, 'The form that was used.'),
    field('reviewStatus', string, 'State of the review.'),
    field('reviewNotes', text, 'Notes of the review.'),
    field('evaluatedAt', time, 'When it was evaluated.'),
  ],
  derive: derivesNothing,
  check: hasNoRule,
}

/** The post-call survey (EPA); at most one per call. */
export const surveys: Collection = {
  name: 'surveys',
  table: 'surveys',
  key: 'callId',
  isPart: true,
  fields: [
    callId,
    field('state', oneOf('Completed', 'Partial', 'NotStarted'), 'How far the customer went.'),
    field('completionReason', string, 'Why it ended, e.g. AllAnswered, HangUp, Timeout.'),
    field('score', number, 'Computed score.'),
    field('totalQuestions', count, 'Questions that were to be asked.'),
    field(
      'responses',
      objects({ question: { ...text, required: true }, answer: text, score: number }),
      'Questions, answers and their scores.',
    ),
    field('completedAt', time, 'When it ended.'),
  ],
  derive: derivesNothing,
  check: hasNoRule,
}

/** One answered question of a quality review. */
export const reviews: Collection = {
  name: 'reviews',
  table: 'reviews',
  key: 'id',
  isPart: true,
  fields: [
    required('id', id, "The sender's id."),
    callId,
    field('engagementId', id, 'The engagement reviewed.'),
    field('turnId', id, 'The turn reviewed.'),
    ...fields(string, 'reviewerId reviewerName questionId', (name) => `Its ${wordsOf(name)}.`),
    field('questionName', text, 'The question.'),
    field('reviewedAt', time, 'When it was answered.'),
    ...fields(string, 'reviewSessionId status sampling type kind answerId', (name) => `Its ${wordsOf(name)}.`),
    field('answerName', text, 'The answer.'),
    field('answerReasonId', string, "The answer's reason."),
    field('answerReason', text, "The answer's reason in words."),
    ...fields(number, 'confidence score answerScore worstScore bestScore', (name) => `Its ${wordsOf(name)}.`),
    field('comment', text, 'A comment.'),
    field('commentTranslated', text, 'The comment, translated.'),
    ...fields(string, 'commentLanguage commentTranslatedLanguage', (name) => `Its ${wordsOf(name)}.`),
    field('verified', boolean, 'Whether it was verified.'),
    field('verifiedBy', string, 'Who verified it.'),
    field('verificationComment', text, 'A comment on the verification.'),
    ...fields(string, 'answerType version formId', (name) => `Its ${wordsOf(name)}.`),
    field('agentId', id, 'The agent reviewed.'),
  ],
  derive: derivesNothing,
  check: hasNoRule,
}

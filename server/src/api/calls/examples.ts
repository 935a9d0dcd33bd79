const call = {
  id: 'call_abc123',
  caller_id: '+33612345678',
  channel: 'phone',
  status: 'completed',
  duration_seconds: 185,
  language: 'fr-FR',
  started_at: '2026-03-08T10:30:00Z',
  ended_at: '2026-03-08T10:33:05Z',
  requester_id: 42,
  tickets_created: [1042],
  authenticated: true,
}

/** Answers for the API document. */
export const examples = {
  list: { data: [call], total: 234, limit: 10, offset: 0 },
  detail: {
    ...call,
    requester_name: 'Jean Dupont',
    escalated: false,
    sentiment: 'positive',
    tools_used: ['search_tickets', 'create_ticket', 'search_kb'],
  },
  transcript: {
    call_id: 'call_abc123',
    segments: [
      { speaker: 'agent', text: 'Hello, how can I help you today?', timestamp: '2026-03-08T10:30:05Z' },
      {
        speaker: 'caller',
        text: 'Hi, my VPN is not connecting since this morning.',
        timestamp: '2026-03-08T10:30:12Z',
      },
    ],
  },
  recording: {
    url: 'https://calls.example.com/files/recording.4953…/call_abc123.ogg',
    format: 'ogg',
    duration_seconds: 185,
    expires_at: '2026-03-08T11:30:00Z',
  },
}

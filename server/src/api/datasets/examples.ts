const exportId = 'a1b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d'

const status = {
  exportId,
  status: 'COMPLETED',
  downloadUrls: {
    engagement: 'https://calls.example.com/files/export.0b0f…/engagements.csv',
    customer: 'https://calls.example.com/files/export.0b0f…/customers.csv',
    turn: 'https://calls.example.com/files/export.0b0f…/turns.csv',
    review: 'https://calls.example.com/files/export.0b0f…/reviews.csv',
    agent: 'https://calls.example.com/files/export.0b0f…/agents.csv',
  },
  error: null,
}

/** Answers for the API document. */
export const examples = {
  started: { exportId, statusUrl: `api/v1/export/${exportId}/status` },
  status,
  history: [status],
}

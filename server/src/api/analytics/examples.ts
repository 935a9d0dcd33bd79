const figures = {
  totalCalls: 1310,
  totalEvaluations: 1250,
  completedEvaluations: 1180,
  averageScore: 7.8,
  sentimentBreakdown: { positive: 620, neutral: 380, negative: 180 },
  averageDurationSeconds: 312,
  escalationRate: 0.08,
  resolutionRate: 0.81,
}

const jobId = '5b2f1a0c-7d3e-4c59-9a61-0f8e2d4b6c71'

/** A row of a breakdown; the name of its id depends on the breakdown. */
export function breakdownExample(id: string) {
  return { data: [{ [id]: 'id_789', name: 'Q1 Outbound Sales', ...figures }] }
}

/** Requests and answers for the API document. */
export const examples = {
  summary: {
    dateFrom: '2024-01-01',
    dateTo: '2024-01-31',
    totalEvaluations: 1250,
    completedEvaluations: 1180,
    averageScore: 7.8,
    sentimentBreakdown: { positive: 620, neutral: 380, negative: 180 },
    averageDurationSeconds: 312,
    topCampaign: 'Q1 Outbound Sales',
    topCallCenter: 'Santiago Central',
  },
  trend: { granularity: 'weekly', timezone: 'UTC', data: [{ date: '2024-01-01', ...figures }] },
  exportBody: { dateFrom: '2024-01-01', dateTo: '2024-01-31', format: 'csv' },
  started: { jobId, status: 'queued' },
  job: {
    jobId,
    status: 'completed',
    progress: 100,
    fileName: 'analytics-2024-01-01-2024-01-31.csv',
    downloadUrl: 'https://calls.example.com/files/export.0b0f…/analytics-2024-01-01-2024-01-31.csv',
  },
}

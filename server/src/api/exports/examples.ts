const jobId = '5b2f1a0c-7d3e-4c59-9a61-0f8e2d4b6c71'

/** Requests and answers for the API document. */
export const examples = {
  startBody: { dateFrom: '2026-05-03', dateTo: '2026-05-10', format: 'csv', timezone: 'America/Santiago' },
  started: { data: { jobId, status: 'queued' } },
  job: {
    data: {
      jobId,
      status: 'completed',
      progress: 100,
      fileName: 'ai-calls-2026-05-03-2026-05-10.csv',
      downloadUrl: 'https://calls.example.com/files/export.0b0f…/ai-calls-2026-05-03-2026-05-10.csv',
      rowCount: 4218,
      totalRows: 4218,
      truncated: false,
      createdAt: '2026-05-11T08:00:00Z',
      completedAt: '2026-05-11T08:00:04Z',
      expiresAt: '2026-05-11T10:00:04Z',
    },
  },
}

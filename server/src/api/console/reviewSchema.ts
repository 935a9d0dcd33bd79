import { z } from 'zod'
import { bestScore, worstScore } from '../../features/reviews/addReview.ts'

const maxLineCharacters = 500
const maxCommentCharacters = 5000

export const newReview = z.strictObject({
  callId: z.string().min(1).max(128),
  question: z.string().trim().min(1).max(maxLineCharacters).describe('What was looked at'),
  answer: z.string().trim().min(1).max(maxLineCharacters).optional(),
  score: z.number().min(worstScore).max(bestScore).optional().describe(`${worstScore} to ${bestScore}`),
  comment: z.string().trim().min(1).max(maxCommentCharacters).optional(),
})

export const addedReview = z.object({
  data: z.object({
    id: z.string(),
    callId: z.string(),
    questionName: z.string(),
    reviewedAt: z.string().describe('RFC 3339'),
    reviewerId: z.string().optional(),
    reviewerName: z.string().optional(),
    answerName: z.string().optional(),
    score: z.number().optional(),
    comment: z.string().optional(),
  }),
})

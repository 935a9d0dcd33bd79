/** A page of one call, for the API document. */
export const pageExample = [
  {
    accountId: 'f9f32f4b-845d-4110-8b9a-4f8eef06cfe5',
    contextId: '17396f85-57b1-446c-874b-e40037998113',
    callId: '14603',
    startTime: '2024-05-12T18:15:45Z',
    endTime: '2024-05-12T18:20:19Z',
    duration: 274,
    direction: 'inbound',
    externalEndpoint: '+14694519385',
    internalEndpoint: '14693333606',
    recording: '49532709-1f2a-4e5b-a8c8-9e301c5a749d',
    agent: { agentId: '436828', email: 'joe@example.com', name: 'Joe Shmoe', channel: 'right' },
    queue: { queueId: '873490', name: 'Q-English-Member-Services' },
    sentiment: 0.25,
    tags: ['C_Member', 'NEW_TAG', 'V_Verified', 'R_Coverage'],
    callResolved: true,
    numAudioChannels: 2,
    numSpkChannels: 2,
    version: 2,
    progressPhase: 'DONE',
    callCenterCallId: '2444036749',
    language: 'en',
    markers: [
      { time: 201897, type: 'CC_AGENT_ANSWER', note: null },
      { time: 179162, type: 'CC_ANSWER', note: null },
    ],
  },
]

/** A link to the audio of a recording. */
export const recordingUrlExample = { url: 'https://calls.example.com/files/recording.4953…/14603.ogg' }

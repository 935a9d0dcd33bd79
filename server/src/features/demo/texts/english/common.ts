import type { CommonScript } from '../script.ts'

/** What is said on every call in English. */
export const common: CommonScript = {
  welcome: [
    "{greeting}, thank you for calling {company}. I'm {bot}, the virtual assistant. Who am I speaking with?",
    "{greeting}, you've reached {company}. This is {bot}, your virtual assistant. May I have your name, please?",
  ],
  name: ['Hi, this is {fullName}.', "Hello, my name's {fullName}.", '{fullName} here, hi.', "Yes, it's {fullName}."],
  askIdentity: [
    'Nice to meet you, {honorific}. Could you give me your {identityKind}, please?',
    'Thanks, {honorific}. To find your account, may I have your {identityKind}?',
  ],
  giveIdentity: ["Sure, it's {identity}.", '{identity}.', 'Let me see… {identity}.'],
  askMatter: [
    'Thank you, {honorific}. I have your account in front of me. How can I help?',
    'Perfect, I found your account. What can I do for you today?',
  ],
  askMatterUnknown: [
    'Nice to meet you, {honorific}. How can I help you?',
    'Thank you, {honorific}. What can I do for you?',
  ],
  welcomeMatter: [
    "{greeting}, thank you for calling {company}. I'm {bot}, the virtual assistant. How can I help you?",
    'Hello and welcome to {company}. This is {bot}, your virtual assistant. What can I do for you?',
  ],
  nameBefore: ['Hi, this is {fullName}. ', "Hello, my name's {fullName}. "],
  askIdentityAfter: [
    'I see, {honorific}. So that I can look into it, could you give me your {identityKind}?',
    "Let's have a look, {honorific}. May I have your {identityKind}, please?",
  ],
  askIdentityComforted: [
    'Let me look into it right now. May I have your {identityKind}?',
    'To help you, I need your {identityKind}, please.',
  ],
  askPerson: ['{greeting}, am I speaking with {formalName}?', 'Hello, {greetingLower}. May I speak with {formalName}?'],
  confirmPerson: ["Yes, speaking. Who's this?", "Yes, that's me.", 'Yes, who is calling?'],
  introduce: [
    'This is {bot}, the virtual assistant of {company}.',
    "I'm {bot}, a virtual assistant calling from {company}.",
  ],
  askDigits: [
    'For your security, could you confirm the last four digits of your {identityKind}?',
    'Before we go on, may I have the last four digits of your {identityKind}?',
  ],
  giveDigits: ['{identityTail}.', "It's {identityTail}.", 'Let me think… {identityTail}.'],
  thankDigits: ['Thank you, {honorific}.', 'Thanks for confirming that.'],
  wrongPerson: ["No, sorry, you've got the wrong number.", "There's nobody here by that name."],
  excuseWrong: [
    "I'm sorry for the trouble. I'll take this number off our records.",
    "My apologies. I'll make sure that {company} doesn't call this number again.",
  ],
  acceptWrong: ['Okay, thanks.', 'No problem, bye.'],
  busy: [
    "I'm driving right now. Could you call me later?",
    "I'm in the middle of a meeting, can we do this another time?",
  ],
  machine: ["Hi, you've reached my voicemail. Please leave a message after the tone."],
  message: [
    "{greeting}, this is a message for {formalName}. We're calling from {company} and we will try again; you can also reach us on 600 600 2600. Thank you.",
    'Hello, {greetingLower}, this is {bot} from {company} for {formalName}. We will call you again during the week. Have {goodDay}.',
  ],
  complaint: [
    "This is the third time I've called about this.",
    "Honestly, I'm getting tired of it.",
    'Every time I call I get a different answer.',
  ],
  complaintOutbound: ['You people call me every day.', 'You already called me this morning.'],
  comfort: [
    "I understand how frustrating that is, {honorific}, and I'm sorry. ",
    "I'm really sorry about that, {honorific}. ",
    'You have every right to be upset. ',
  ],
  comfortOutbound: [
    "I'm sorry to bother you, {honorific}, I'll be brief. ",
    'My apologies for calling again, {honorific}. ',
  ],
  hold: {
    agent: [
      'Give me a moment, please, while I check your account.',
      'Bear with me for a few seconds while I look this up.',
    ],
    customer: ["Sure, I'll wait.", 'No problem.', 'Okay.'],
  },
  afterHold: ['Thanks for waiting, {honorific}. ', 'Thank you for holding. '],
  transfer: {
    agent: [
      "I'd rather have a colleague look at this with you. I'll transfer you right away, please stay on the line.",
      'One of our specialists needs to handle this. Shall I put you through now?',
    ],
    customer: ["Yes, please, I'd prefer to talk to a person.", 'Okay, as long as it is quick.', "Sure, I'll hold."],
  },
  personHere: [
    "{greeting}, {honorific}, this is {executive} from {company}. I've read what you told {bot}. ",
    'Hello, {honorific}, {executive} from {company} here. Thanks for holding, I have the details. ',
  ],
  anythingElse: ['Is there anything else I can help you with?', 'Anything else I can do for you?'],
  nothingElse: ["No, that's all.", 'No, that was it.'],
  callback: {
    agent: [
      'A specialist has to look at this, {honorific}. May we call you back on {weekday} {window}?',
      'Another team needs to check it first. Could we call you on {weekday} {window}?',
    ],
    customer: ['Yes, on this number, please.', "Okay, I'll wait for the call."],
  },
  callbackOutbound: {
    agent: [
      'No problem, {honorific}. Would {weekday} {window} suit you?',
      "Of course, I'll call at a better time. How about {weekday} {window}?",
    ],
    customer: ['Yes, that works.', 'Fine, call me then.'],
  },
  callbackDone: [
    "Great, you're booked for {weekday} {window}. Have {goodDay}.",
    "Thank you, {honorific}. We'll call you on {weekday} {window}.",
  ],
  farewell: [
    'Thank you for calling {company}, {honorific}. Have {goodDay}.',
    'It was a pleasure, {honorific}. Have {goodDay}.',
  ],
  farewellOutbound: [
    'Thank you for your time, {honorific}. Have {goodDay}.',
    'Thanks for talking to me, {honorific}. Goodbye.',
  ],
  farewellSorry: [
    "I'm sorry I couldn't do more today, {honorific}. Your complaint is on file. Goodbye.",
    'I understand, {honorific}, and I apologise again. Have {goodDay}.',
  ],
  farewellDeclined: ['Thank you for your time, have {goodDay}.', 'Thanks for talking to me, goodbye.'],
  farewellLeaving: ['Thank you for calling {company}. Have {goodDay}.', 'You are always welcome back. Goodbye.'],
  hangUp: [
    "You know what, I don't have time for this. Bye.",
    "I've got another call coming in, sorry.",
    "Hello? Hello? I can't hear you.",
  ],
  surveyIntroduction: [
    'Before you go, a few quick questions about this call. ',
    'Would you help us with a very short survey? ',
  ],
  surveyThanks: [
    'Thank you for your answers, {honorific}. Have {goodDay}.',
    'Thanks for taking the time, {honorific}. Goodbye.',
  ],
  outcomes: {
    callback: ['Callback booked for {weekday} {window}.'],
    noAnswer: ['No answer.', 'Rang out without an answer.'],
    voicemail: ['Voicemail answered; left a message.'],
    unreachable: ['The carrier reported the number as unavailable.'],
    hangUp: ['The customer hung up before the end.', 'The line dropped before a solution was reached.'],
    queueAbandoned: ['Transferred to an agent, but the customer hung up while waiting.'],
    wrongNumber: ['Wrong number; asked for the record to be updated.'],
    error: ['The call was cut by a technical problem of the platform.'],
    transferred: ['Passed to {executive}.', 'Transferred to {executive} with the details.'],
    active: ['Call in progress.'],
  },
  headings: ['Matter', 'Handling', 'Result'],
}

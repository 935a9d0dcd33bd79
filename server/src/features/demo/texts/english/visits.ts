import type { TopicScript } from '../script.ts'

export const confirmVisit: TopicScript = {
  opening: [
    'I am calling to confirm your technical visit on {weekday}, {date}, {window}, at {street}, {district}.',
    'This is a reminder of your visit on {weekday}, {date}, {window}, at {street}.',
  ],
  reaction: ['Yes, I remember.', 'Oh right, good that you call.'],
  steps: [
    {
      agent: ['Will an adult be at home?', 'Will someone over eighteen be there?'],
      customer: ["Yes, I'll be there.", 'Yes, my mother will.'],
    },
    {
      agent: ['Is there a gate or a front desk that the technician should know of?', 'Any hints on how to get in?'],
      customer: ['A black gate, just ring the bell.', 'He has to register at the front desk.'],
    },
    {
      agent: [
        'The technician calls this number twenty minutes before. Is that fine?',
        'Is this the right number for the technician to call?',
      ],
      customer: ['Yes, this one.', 'Perfect.'],
    },
    {
      agent: [
        'Please clear the space around the modem. It takes about an hour.',
        'The visit lasts about an hour. Do you have the time?',
      ],
      customer: ['Yes, no problem.', "Sure, I'll have it ready."],
    },
  ],
  person: [
    {
      agent: ['I see your visit here. What would you like to know?', 'What can I tell you about the visit?'],
      customer: ['Whether he brings the new modem.', 'Whether I have to pay.'],
    },
    {
      agent: ['It is all included, at no cost to you.', 'There is no charge, and he brings the equipment.'],
      customer: ["That's all I wanted to know.", 'Great.'],
    },
  ],
  solved: {
    agent: [
      'Then your visit on {weekday}, {date}, {window} is confirmed.',
      'All set: {weekday}, {date}, {window}, at {street}.',
    ],
    customer: ['Perfect, see you then.', 'Thank you.'],
  },
  unsolved: {
    agent: ['Then I cancel the visit, {honorific}.', 'I have cancelled it. Call us if you need another one.'],
    customer: ['Thanks, it fixed itself.', "Okay, I won't be in."],
  },
  summary: {
    about: ['Confirmation of the visit on {weekday}, {date}, {window}.'],
    solved: ['Visit confirmed at {street}, {district}.'],
    unsolved: ['The customer cancels the visit.'],
  },
}

export const moveVisit: TopicScript = {
  opening: [
    'It is about your technical visit tomorrow at {street}, {district}. Can you receive the technician?',
    'You have a visit booked for tomorrow at {street}. Does it still suit you?',
  ],
  reaction: ["I was about to call you, I won't be in tomorrow.", "Tomorrow doesn't work, can it be moved?"],
  steps: [
    {
      always: true,
      agent: ['No problem. Which day suits you better?', 'Of course. What day shall we take?'],
      customer: ['{weekday}, hopefully.', 'Do you have anything on {weekday}?'],
    },
    {
      always: true,
      agent: [
        'I have {weekday}, {date}, {window}. Does that work?',
        'There is a slot on {weekday}, {date}, {window}. Shall we take it?',
      ],
      customer: ['Yes, that works.', 'Perfect.'],
    },
    {
      agent: ['Is it still the same address, {street}?', 'Are we still going to {street}?'],
      customer: ['Yes, the same.', "Yes, that hasn't changed."],
    },
    {
      agent: ['Who will receive the technician?', 'Will you be there yourself?'],
      customer: ['I will.', 'Yes, or my partner.'],
    },
  ],
  person: [
    {
      agent: [
        'I am looking at the slots in your area. Morning or afternoon?',
        'Do you prefer the morning or the afternoon?',
      ],
      customer: ["I don't mind.", 'Either, as long as it is soon.'],
    },
    {
      agent: ['I found one on {weekday}, {date}, {window}.', 'I got you {weekday}, {date}, {window}.'],
      customer: ['That works, perfect.', 'Fine by me.'],
    },
  ],
  solved: {
    agent: [
      'Your visit is now on {weekday}, {date}, {window}.',
      'It has been moved: {weekday}, {date}, {window}, at {street}.',
    ],
    customer: ['Thanks for being flexible.', 'Great, thank you.'],
  },
  unsolved: {
    agent: [
      'There are no slots in your area now, {honorific}. Request {ticket} is open.',
      'Nothing free in {district} for now. I filed request {ticket}.',
    ],
    customer: ['Okay, but not another week, please.', "Fine, I'll wait for the call."],
  },
  summary: {
    about: ['Asks to move the technical visit in {district}.'],
    solved: ['Visit moved to {weekday}, {date}, {window}.'],
    unsolved: ['No slots; request {ticket}.'],
  },
}

export const afterInstallation: TopicScript = {
  opening: [
    'We installed your service a few days ago and would like to know how it went.',
    'We would like your opinion on the installation last {pastWeekday}. It takes two minutes.',
  ],
  reaction: ['Sure, go ahead.', 'Okay, if it is short.'],
  steps: [
    {
      agent: ['Did the technician arrive on time?', 'How was the punctuality?'],
      customer: ['Yes, right on time.', 'A little late, but he let me know.'],
    },
    {
      agent: ['Did he show you how to use the equipment and the app?', 'Did he explain how everything works?'],
      customer: ['Yes, very clearly.', 'More or less, it was quick.'],
    },
    {
      agent: ['Was everything left clean and tidy?', 'Did he leave the place in order?'],
      customer: ['Yes, all tidy.', 'Yes, no complaints.'],
    },
    {
      agent: ['And how has the service been since then?', 'Has the internet worked well these days?'],
      customer: ['Pretty well.', 'Yes, without cuts.'],
    },
  ],
  person: [
    {
      agent: ['What was not right?', 'Tell me what was left open.'],
      customer: ['The cable runs along the wall.', 'One room has no signal.'],
    },
    {
      agent: ['We will send the technician again, free of charge.', 'We will fix it at no cost.'],
      customer: ['Thank you.', 'Perfect.'],
    },
  ],
  solved: {
    agent: ['Good to know. I have written down your comments.', 'I am glad to hear that. Your opinion is noted.'],
    customer: ['You are welcome.', 'Thanks for calling.'],
  },
  unsolved: {
    agent: [
      'I am sorry about that, {honorific}. It is filed under {ticket}.',
      'I have noted it under {ticket} for review.',
    ],
    customer: ['I hope it gets fixed.', 'Okay, call me then.'],
  },
  summary: {
    about: ['Satisfaction call after the installation.'],
    solved: ['Happy with the installation.'],
    unsolved: ['One detail of the installation is open, ticket {ticket}.'],
  },
}

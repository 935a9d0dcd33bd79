import type { TopicScript } from '../script.ts'

export const noInternet: TopicScript = {
  opening: [
    "I've had no internet at home since last night.",
    'My connection went down this morning and I work from home.',
    "There's no internet, and the modem shows a red light.",
  ],
  steps: [
    {
      agent: [
        'Is the modem switched on and plugged straight into the wall?',
        'Let us start simple: does the modem have power?',
      ],
      customer: ["Yes, it's on.", "Yes, it's where it has always been."],
    },
    {
      agent: [
        'What colour is the light marked Internet?',
        'Could you look at the front and tell me how the Internet light looks?',
      ],
      customer: ["It's red and it blinks.", 'That one is red, the others are green.'],
    },
    {
      always: true,
      agent: [
        "Let's restart it: unplug it, count to twenty and plug it back in, please.",
        'Please switch it off at the back, wait twenty seconds and switch it on again.',
      ],
      customer: ['Done. The lights are coming back on.', "Okay, it's starting up."],
    },
    {
      agent: [
        'Please check the thin yellow fibre cable too. Is it firmly in?',
        'Could the thin fibre cable be loose or bent?',
      ],
      customer: ["It was a bit loose, I've pushed it in.", 'It was bent behind the shelf. I fixed that.'],
    },
  ],
  person: [
    {
      agent: [
        'From here I see a weak signal on your line. Has anyone worked near the cable?',
        'Your modem keeps losing its signal. Any work at home lately?',
      ],
      customer: ['Yes, we had painters in yesterday.', 'Well, a neighbour cut down a tree right there.'],
    },
    {
      agent: [
        "I'm resetting it from our side. Does the light turn green?",
        "I've sent it a new configuration. What does the light do?",
      ],
      customer: ["Yes, it's green now.", 'It just changed to green.'],
    },
  ],
  solved: {
    agent: [
      'I can see your line up and running from here. Can you browse now?',
      'Your connection is back with a good signal. Could you try it?',
    ],
    customer: ["Yes, it's working. Thank you so much.", "It's back, great. Thanks for your patience."],
  },
  unsolved: {
    agent: [
      "I still can't see your modem online, {honorific}. A technician will visit on {weekday}, {date}, {window}. Your ticket is {ticket}.",
      "I can't fix this remotely. I've booked a visit in {district} for {weekday}, {date}, {window}, ticket {ticket}.",
    ],
    customer: [
      "So no internet until {weekday}? That's not acceptable.",
      "I need this to work. I'm really disappointed.",
    ],
  },
  summary: {
    about: ['Customer without internet in {district}.', 'No internet on {plan}.'],
    solved: ['Modem and fibre checked; the line is up with a good signal.'],
    unsolved: ['Could not be fixed remotely; visit on {date}, {window}. Ticket {ticket}.'],
  },
}

export const slowInternet: TopicScript = {
  opening: [
    "The internet is so slow that I can't watch anything.",
    "I pay for {plan} and I'm getting a fraction of the speed.",
    'My video calls keep freezing, the connection is very slow.',
  ],
  steps: [
    {
      agent: ['Is it slow over wifi, over cable, or both?', 'Have you tried with a cable, or only over wifi?'],
      customer: ["Only wifi, I haven't tried a cable.", 'Over wifi, mostly in the back rooms.'],
    },
    {
      agent: [
        'Roughly how many devices are connected right now?',
        'How many phones, TVs and computers are on it at the moment?',
      ],
      customer: ['About ten, with the phones and the TV.', 'There are four of us, so maybe eight.'],
    },
    {
      agent: [
        'My test shows {speed} of your {contracted} megabits. Could you restart the modem?',
        'I measure {speed} megabits and you should have {contracted}. Please restart the modem.',
      ],
      customer: ["Okay, I'm restarting it.", 'Done, it is coming back.'],
    },
    {
      always: true,
      agent: [
        'Your wifi channel is crowded. I would like to move it to a free one, all right?',
        'Many neighbours share your channel. May I change it from here?',
      ],
      customer: ['Sure, go ahead.', 'Yes, please.'],
    },
  ],
  person: [
    {
      agent: [
        "Let's measure again together. Are you next to the modem?",
        "I'd like to repeat the test. Are you close to the modem?",
      ],
      customer: ["Yes, I'm right beside it.", "Yes, it's in front of me."],
    },
    {
      agent: [
        'Your modem is an old model. How long have you had it?',
        'That modem is too old for {plan}. Was it ever replaced?',
      ],
      customer: ['About five years.', 'Never, same one since day one.'],
    },
  ],
  solved: {
    agent: [
      'The last test shows the full speed of your plan. Do you notice the difference?',
      "You're getting all {contracted} megabits now. Could you try a video?",
    ],
    customer: ["Yes, it's fast now. Thank you.", 'Much better, thanks a lot.'],
  },
  unsolved: {
    agent: [
      "The speed is still low, {honorific}. I've opened case {ticket} so that engineering checks {district}.",
      "I can't reach your plan's speed. Case {ticket} is open and we'll write to you on {weekday}.",
    ],
    customer: [
      "So I keep paying for something I don't get. Great.",
      "That's what they told me last time. I'm not happy.",
    ],
  },
  summary: {
    about: ['Complains of slow {plan}.', 'Slow wifi at home in {district}.'],
    solved: ['Channel changed; the final test shows the full speed.'],
    unsolved: ['Speed did not improve; case {ticket} with engineering.'],
  },
}

export const television: TopicScript = {
  opening: [
    "The TV box shows a black screen and I can't watch anything.",
    'All my channels disappeared, I just get an error message.',
  ],
  steps: [
    {
      agent: ['Does it happen on every TV or just one?', 'Is it one box or all of them?'],
      customer: ['Just the one in the living room.', 'Only one, the bedroom is fine.'],
    },
    {
      agent: [
        'Please check that the HDMI cable is firm on both ends.',
        'Could you push in the HDMI cable on both sides?',
      ],
      customer: ["Yes, they're firm.", 'I unplugged it and put it back.'],
    },
    {
      always: true,
      agent: [
        "I'll send a restart to the box. It takes two minutes, all right?",
        "I'm restarting it from here. The screen will go dark and come back.",
      ],
      customer: ['Okay, go ahead.', "It's restarting now."],
    },
    {
      agent: ['What does the screen say now?', 'Could you read me what it shows?'],
      customer: ['The logo and a bar that moves.', 'It says «updating».'],
    },
  ],
  person: [
    {
      agent: [
        'It got stuck in an update. Was it switched off half way?',
        'I see a pending update. Did you have a power cut?',
      ],
      customer: ['There was a power cut yesterday, yes.', 'My son may have unplugged it.'],
    },
    {
      agent: ["I've sent the whole update. What do you see?", "I'm loading it again from our side. Anything?"],
      customer: ["It's at ninety percent.", 'Now the menu came up.'],
    },
  ],
  solved: {
    agent: [
      'You should have all your channels back. Can you see them?',
      'The box is up to date. Do you have a picture?',
    ],
    customer: ['Yes, they are all back. Thank you.', 'Perfect picture, thanks.'],
  },
  unsolved: {
    agent: [
      "The box doesn't respond, {honorific}. We'll bring a new one on {weekday}, {date}, {window}. Ticket {ticket}.",
      "It looks broken. I've ordered a replacement, ticket {ticket}, for {weekday}, {date}, {window}.",
    ],
    customer: ['And no TV until then? What a pain.', "That's the second box that fails. Not good."],
  },
  summary: {
    about: ['TV box fault at home.'],
    solved: ['Box restarted and updated; channels are back.'],
    unsolved: ['Box does not respond; replacement on {date}. Ticket {ticket}.'],
  },
}

export const outage: TopicScript = {
  opening: [
    'The whole street is without internet, what is going on?',
    "I've been offline for hours and your app says nothing.",
    'No internet and no phone, and the neighbours in {district} have the same.',
  ],
  steps: [
    {
      agent: [
        'I can confirm an outage in {district}. Is your TV down as well?',
        "There's a general failure in {district}. Have you lost the phone too?",
      ],
      customer: ['Yes, everything is dead.', 'Yes, all of it.'],
    },
    {
      always: true,
      agent: [
        'A main fibre was cut and our crews are on site.',
        'Street works cut a fibre, and the repair has started.',
      ],
      customer: ['And when will it be back?', 'How long is that going to take?'],
    },
    {
      always: true,
      agent: [
        'We expect it back in about {hours} hours. Shall I text you?',
        'The estimate is {hours} hours. Would you like a message when it is up?',
      ],
      customer: ['Yes, text me.', 'Please do.'],
    },
    {
      agent: [
        'The time without service comes off your next bill automatically.',
        "You'll get a discount on the next bill, nothing to do on your side.",
      ],
      customer: ["That's the least you can do.", 'I hope so.'],
    },
  ],
  person: [
    {
      agent: [
        'I understand. Does anyone at home depend on the line for health reasons?',
        "I'm very sorry. Is there any medical need for the line?",
      ],
      customer: ['No, but I work from home.', 'No, but I run a shop and cannot take cards.'],
    },
    {
      agent: [
        'I can add free data to your mobile meanwhile. Would that help?',
        'Shall I load some mobile data until it is fixed?',
      ],
      customer: ['That helps a little, yes.', 'All right, do that.'],
    },
  ],
  solved: {
    agent: [
      'The alert is on and the discount is filed under {ticket}.',
      "You're registered under {ticket}; we'll text you once it's up.",
    ],
    customer: ['Okay, thanks for the information.', 'At least I know what is going on now. Thanks.'],
  },
  unsolved: {
    agent: [
      "I don't have a more exact time, {honorific}. Your complaint is {ticket}.",
      "I can't promise an hour. I've filed your complaint under {ticket}.",
    ],
    customer: ["This is a disgrace, it's always the same with you.", "Terrible. I'm switching companies."],
  },
  summary: {
    about: ['Affected by the outage in {district}.'],
    solved: ['Informed of the estimate; alert set, discount {ticket}.'],
    unsolved: ['Does not accept the estimate; complaint {ticket}.'],
  },
}

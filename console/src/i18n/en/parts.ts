/** Texts that several pages share. */
export const partsTexts = {
  'parts.back': 'Go back',
  'parts.copy': 'Copy',
  'parts.copyOf': 'Copy: {name}',
  'parts.copied': 'Copied',
  'parts.selected': 'Selected; copy it with your keyboard',
  'parts.done': 'Done',
  'parts.needsTitle': 'Your role does not include this page',
  'parts.needsHelp': 'It needs the scope {scope}. Ask an administrator of the account for it.',
  'parts.more': 'Show more',
  'parts.all': 'All',
  'parts.until': 'until {time}',
  'parts.curl': 'The same with curl',
} as const

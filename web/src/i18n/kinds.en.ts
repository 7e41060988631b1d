import type { kindsZh } from './kinds.zh';

export const kindsEn: typeof kindsZh = {
  kind: {
    answer: 'Answer',
    branch: 'Branch',
    callback: 'Callback',
    caller: 'Caller',
    collect: 'Collect digits',
    dial: 'Dial',
    early: 'Early sound',
    echo: 'Echo',
    flow: 'Sub-flow',
    hangup: 'Hang up',
    hours: 'Hours',
    lookup: 'Lookup',
    menu: 'Menu',
    play: 'Play',
    queue: 'Queue',
    record: 'Record',
    region: 'Region',
    ring: 'Ring',
    set: 'Set',
    survey: 'Survey',
    topic: 'Topic',
    voicemail: 'Voicemail',
  },
};

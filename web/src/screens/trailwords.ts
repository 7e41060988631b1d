// What a line of the audit log is about, in words: it is kept by ids and codes, which stay when names change.

// Names are how people call what a line names by its id; what they do not know they give back as it is.
export interface Names {
  agent: (id: string) => string;
  queue: (id: string) => string;
  person: (id: string) => string;
  state: (code: string) => string; // of agents
  reason: (code: string) => string; // of states
  role: (code: string) => string;
  waiting: (code: string) => string; // what becomes of those who wait as a queue is closed
  everybody: string;
  centre: string;
  asConfigured: string;
  version: (n: string) => string;
  call: string; // a link to one
  recording: string;
  callback: (id: string) => string;
  token: string;
}

interface Line {
  what: string;
  object?: string;
  detail?: string;
}

// About is a text, the page that it leads to, and the id where the text is another one.
export interface About {
  text: string;
  to?: string;
  id?: string;
}

const about = (id: string, text: string): About => (text === id ? { text } : { text, id });

// objectOf is what was done something to.
export function objectOf({ what, object = '' }: Line, n: Names): About {
  const [kind] = what.split('.');
  if (object === '') return { text: '' };
  switch (kind) {
    case 'call':
      return { text: n.call, to: `/calls/${object}`, id: object };
    case 'recording': // its id is that of its call and a number
      return { text: n.recording, to: `/calls/${object.replace(/-\d+$/, '')}`, id: object };
    case 'agent':
      return about(object, n.agent(object));
    case 'queue':
      return about(object, object === 'all' ? n.centre : n.queue(object));
    case 'person':
    case 'first-admin':
      return about(object, n.person(object));
    case 'callback':
      return { text: n.callback(object), to: '/callbacks', id: object };
    case 'token': // its name is in the detail
      return { text: n.token, to: '/tokens', id: object };
    case 'message':
      return about(
        object,
        object
          .split(' ')
          .filter(Boolean)
          .map((id) => (id === 'all' ? n.everybody : n.agent(n.queue(id))))
          .join(' · '),
      );
    case 'config':
      return about(
        object,
        object.replace(/^version (\d+)$/, (_, v) => n.version(v)),
      );
    default:
      return { text: object };
  }
}

// membership says a change of an agent's queues, such as "+beijing=2 -nation skills +english=1".
function membership(detail: string, n: Names): string {
  if (detail === 'as configured') return n.asConfigured;
  const [queues = '', skills] = detail.split(/(?:^| )skills /);
  const named = queues.replace(/(^| )([+-])([^ =]+)/g, (_, gap, sign, id) => `${gap}${sign}${n.queue(id)}`);
  return [named, skills].filter(Boolean).join(' · ');
}

// detailOf is what else there is to say.
export function detailOf({ what, detail = '' }: Line, n: Names): About {
  const [kind] = what.split('.');
  const first = (say: (word: string) => string, rest: (words: string) => string = (w) => w) =>
    detail.replace(/^([^ ,]+)(.*)$/, (_, word, more) => say(word) + rest(more));
  switch (true) {
    case what === 'agent.membership':
      return about(detail, membership(detail, n));
    case what === 'agent.state':
      return about(
        detail,
        first(n.state, (more) => (more ? ` · ${n.reason(more.trim())}` : '')),
      );
    case what === 'queue.close':
      return about(
        detail,
        detail
          .split(', ')
          .map((part, i) => (i === 0 ? n.waiting(part) : n.queue(part)))
          .join(' · '),
      );
    case kind === 'callback':
      return about(detail, n.queue(detail));
    case kind === 'call':
      return about(detail, first(n.agent));
    case kind === 'token' || what === 'person.create':
      return about(detail, first(n.role));
    default:
      return { text: detail };
  }
}

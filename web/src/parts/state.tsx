import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Agent, AgentState } from '../api/client';
import { Since } from './since';

// The colours of the states are the same on every screen, dark enough for white words on them; each also has its word, so nothing hangs
// on colour alone.
export const stateColour: Record<AgentState, string> = {
  ready: '#15803d',
  offered: '#c2410c',
  talking: '#1456d8',
  'wrap-up': '#7c3aed',
  'not-ready': '#92400e',
  missed: '#b91c1c',
  offline: '#5f6b7a',
};

// breaks are the reasons to be not ready that have words in both languages: they are kept as these codes, whoever reads them. What a
// person wrote otherwise is shown as it is.
export const breaks = ['break', 'meal', 'meeting', 'training'] as const;
export type Break = (typeof breaks)[number];

// known are all reasons that have words: who signs in by a phone's code gave none.
const known = [...breaks, 'signed-in'] as const;

// useReason says a reason in the page's language.
export function useReason() {
  const { t } = useTranslation();
  return (reason?: string) => {
    const misses = missed.exec(reason ?? '')?.[1];
    if (misses) return t('state.misses', { n: misses });
    return known.some((b) => b === reason) ? t(`state.${reason as (typeof known)[number]}`) : (reason ?? '');
  };
}

// missed is how the server says that an agent let calls ring too often.
const missed = /^offers without an answer: (\d+)$/;

// given are the states whose reason a person gave; those of others are the machine's words.
const given = new Set<AgentState>(['not-ready', 'missed']);

// shownState is the word of an agent's state: who, as a supervisor, only listens to others does not talk, whatever the phone does.
export const shownState = (a: Pick<Agent, 'state' | 'reason'>): AgentState | 'listening' =>
  a.state === 'talking' && a.reason === 'listening' ? 'listening' : (a.state as AgentState);

// StateTag is an agent's state with its reason, and how long it has lasted.
export function StateTag({ agent }: { agent: Pick<Agent, 'state' | 'reason' | 'since'> }) {
  const { t } = useTranslation();
  const word = useReason();
  const state = agent.state as AgentState;
  return (
    <Tag color={stateColour[state]} variant="solid" style={{ marginInlineEnd: 0 }}>
      {t(`state.${shownState(agent)}`)}
      {agent.reason && given.has(state) ? ` · ${word(agent.reason)}` : ''} <Since at={agent.since} />
    </Tag>
  );
}

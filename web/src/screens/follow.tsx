import { EyeOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Flex, Tag, Tooltip } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Agent, api, type Live, may } from '../api/client';
import { useAgentName, useAgentNames, useAgents, useLiveCalls } from '../live';
import { asListener, listenerTo } from '../phone/ear';
import { usePhone } from '../phone/phone';
import { useMe } from '../session';
import { Supervise } from './supervise';

type Follower = NonNullable<Agent['followers']>[number];

// useFollow begins or ends to follow an agent; what went wrong is shown.
function useFollow() {
  const { message } = App.useApp();
  const client = useQueryClient();
  return async (agent: string, on: boolean) => {
    const path = { params: { path: { id: agent } } };
    try {
      await (on ? api.PUT('/api/v1/agents/{id}/follow', path) : api.DELETE('/api/v1/agents/{id}/follow', path));
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['live'] });
  };
}

// useMine is whom a supervisor follows.
function useMine(): { agent: Agent; how: Follower } | undefined {
  const me = useMe();
  const agents = useAgents().data;
  for (const agent of agents ?? []) {
    const how = me.agent ? agent.followers?.find((f) => f.agent === me.agent) : undefined;
    if (how) return { agent, how };
  }
  return undefined;
}

const named = (a: Agent) => a.name || a.id;

// Followers is who follows an agent, and for a supervisor a way to do so.
export function Followers({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const me = useMe();
  const follow = useFollow();
  const mine = agent.followers?.some((f) => f.agent === me.agent);
  const out = agent.state === 'offline' && agent.next === 'offline';
  const name = useAgentNames();
  return (
    <Flex gap={6} align="center" wrap>
      {agent.followers
        ?.filter((f) => f.agent !== me.agent)
        .map((f) => (
          <Tag key={f.agent} color="purple">
            {name(f.agent)} · {t(`sup.${f.state}`)}
          </Tag>
        ))}
      {agent.id === me.agent || (out && !mine) ? null : (
        <Tooltip title={me.agent ? t('sup.followHint') : t('sup.noPhone')}>
          <Button
            size="small"
            icon={<EyeOutlined />}
            disabled={!me.agent}
            type={mine ? 'primary' : 'default'}
            aria-pressed={mine ?? false}
            aria-label={`${t(mine ? 'sup.unfollow' : 'sup.follow')} ${named(agent)}`}
            onClick={() => void follow(agent.id, !mine)}
          >
            {t(mine ? 'sup.unfollow' : 'sup.follow')}
          </Button>
        </Tooltip>
      )}
    </Flex>
  );
}

// useTaken takes the call by which a supervisor follows in this tab's telephone; a desk phone rings as it does.
function useTaken(display: string | undefined) {
  const phone = usePhone();
  const ringing =
    display && phone?.book.owner ? phone.book.calls.find((c) => c.state === 'ringing' && c.display === display)?.id : undefined;
  const taken = useRef('');
  useEffect(() => {
    if (!ringing || taken.current === ringing) return;
    taken.current = ringing;
    phone?.answer(ringing);
  });
}

// Following says on every page of a supervisor whom they follow, with what may be done in the call of now, and ends it.
export function Following() {
  const me = useMe();
  return may(me, 'supervisor') ? <Strip /> : null;
}

function Strip() {
  const { t } = useTranslation();
  const mine = useMine();
  const follow = useFollow();
  const calls = useLiveCalls().data;
  const call = calls?.find((c) => c.call === mine?.how.call);
  const waits = mine?.how.state === 'waiting';
  const first = (waits && listenerTo(mine.agent.id, calls)) || '';
  const before = useAgentName(first);
  useTaken(mine?.how.state === 'ringing' ? asListener(mine.agent.id) : undefined);
  if (!mine) return null;
  const { agent, how } = mine;
  return (
    <section className="tile callbar" aria-label={t('sup.following', { who: named(agent) })}>
      <Flex gap={12} align="center" wrap>
        <Tag color="purple" icon={<EyeOutlined />}>
          {t('sup.following', { who: named(agent) })}
        </Tag>
        <span role="status" aria-live="polite" style={{ flex: '1 1 0', minWidth: 260 }}>
          {first ? t('sup.before', { who: before }) : t(`sup.${how.state}`)}
        </span>
        {call?.supervisor ? <Supervise call={call} /> : null}
        <Button onClick={() => void follow(agent.id, false)}>{t('sup.unfollow')}</Button>
      </Flex>
    </section>
  );
}

// Watched says to an agent who listens to their call or follows them, where the node tells them.
export function Watched({ call, self }: { call?: Live; self?: Agent }) {
  const { t } = useTranslation();
  const name = useAgentNames();
  const now = call?.supervisor;
  if (!now && !self?.followers?.length) return null;
  return (
    <div role="status" aria-live="polite">
      {now ? (
        <Tag color="purple" icon={<EyeOutlined />}>
          {t(`sup.by.${now.mode}`, { who: name(now.agent) })}
        </Tag>
      ) : null}
      {self?.followers?.map((f) => (
        <Tag key={f.agent} color="purple">
          {t('sup.followedBy', { who: name(f.agent) })}
        </Tag>
      ))}
    </div>
  );
}

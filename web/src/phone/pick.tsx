import { useQuery } from '@tanstack/react-query';
import { Empty, Input, Modal, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AgentState, api, take } from '../api/client';
import { useAgents, useQueues } from '../live';
import { stateColour } from '../parts/state';
import { everybody, queuesAlone, sought, type Target } from './targets';

interface Props {
  title: string;
  me: string;
  open: boolean;
  close: () => void;
  choose: (target: Target) => void;
  queues?: boolean; // queues are all there is to choose from
  hint?: string; // what may be typed, where it is not all
}

// Pick asks to whom: colleagues with their states, queues, numbers, or whatever is typed. Arrows move, Enter takes.
export function Pick({ title, open, close, ...rest }: Props) {
  return (
    <Modal open={open} title={title} onCancel={close} footer={null} destroyOnHidden>
      <Choices close={close} {...rest} />
    </Modal>
  );
}

function useTargets(me: string): Target[] {
  const numbers = useQuery({ queryKey: ['directory'], staleTime: 60_000, queryFn: () => take(api.GET('/api/v1/directory')) });
  return everybody({ me, agents: useAgents().data ?? [], queues: useQueues().data ?? [], numbers: numbers.data ?? [] });
}

function Choices({ me, close, choose, queues, hint }: Omit<Props, 'title' | 'open'>) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const all = useTargets(me);
  const found = queues ? queuesAlone(sought(all, text)) : sought(all, text);
  const place = Math.min(at, found.length - 1);
  const done = (x?: Target) => {
    if (!x) return;
    close();
    choose(x);
  };
  const keys = (e: React.KeyboardEvent) => {
    if (e.key === 'ArrowDown') setAt(Math.min(place + 1, found.length - 1));
    else if (e.key === 'ArrowUp') setAt(Math.max(place - 1, 0));
    else if (e.key === 'Enter') done(found[place]);
    else return;
    e.preventDefault();
  };
  return (
    <>
      <Input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="targets"
        aria-activedescendant={found[place] && `target-${found[place].key}`}
        value={text}
        maxLength={60}
        placeholder={hint ?? t('work.transferHint')}
        aria-label={hint ?? t('work.transferHint')}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div id="targets" role="listbox" aria-label={t('work.transferTo')} className="targets">
        {found.map((x, i) => (
          <div key={x.key}>
            {x.group === found[i - 1]?.group ? null : <div className="quiet targets-group">{t(`work.${x.group}`)}</div>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which holds the focus */}
            <div
              id={`target-${x.key}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === place}
              className={i === place ? 'target chosen' : 'target'}
              onClick={() => done(x)}
              onMouseEnter={() => setAt(i)}
            >
              <span>{x.group === 'outside' ? t('work.dialThis', { to: x.to }) : x.name}</span>
              <span className="quiet num">{x.group === 'outside' ? '' : x.note}</span>
              <span style={{ flex: 1 }} />
              {x.state ? (
                <Tag color={stateColour[x.state as AgentState]} variant="solid">
                  {t(`state.${x.state as AgentState}`)}
                </Tag>
              ) : null}
            </div>
          </div>
        ))}
        {found.length === 0 ? <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('common.nothing')} /> : null}
      </div>
    </>
  );
}

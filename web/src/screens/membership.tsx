import { EditOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Flex, Input, InputNumber, Modal, Switch, Table, Tag, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Agent, api } from '../api/client';
import { useQueueName, useQueues } from '../live';
import { difference, type Levels } from '../parts/levels';
import { stamp } from '../parts/time';

// Membership is an agent's queues and skills as they are now, and a way to change them at once.
export function Membership({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const name = useQueueName();
  const [open, setOpen] = useState(false);
  const queues = Object.entries(agent.queues).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Flex gap={4} align="center" wrap>
      {queues.length === 0 ? <span className="quiet">{t('member.none')}</span> : null}
      {queues.map(([id, level]) => (
        <Tag key={id}>
          {name(id)} {level}
        </Tag>
      ))}
      {Object.entries(agent.skills).map(([id, level]) => (
        <Tag key={id} color="blue">
          {id} {level}
        </Tag>
      ))}
      {agent.live ? (
        <Tooltip title={t('member.live', { by: agent.live.by, at: stamp(agent.live.at) })}>
          <Tag color="orange">≠</Tag>
        </Tooltip>
      ) : null}
      <Button
        type="text"
        size="small"
        icon={<EditOutlined />}
        aria-label={t('member.title', { name: agent.name || agent.id })}
        onClick={() => setOpen(true)}
      />
      {open ? <Edit agent={agent} close={() => setOpen(false)} /> : null}
    </Flex>
  );
}

function Edit({ agent, close }: { agent: Agent; close: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const all = useQueues().data ?? [];
  const [queues, setQueues] = useState<Levels>(agent.queues);
  const [skills, setSkills] = useState<Levels>(agent.skills);
  const [skill, setSkill] = useState('');
  const path = { params: { path: { id: agent.id } } };
  const ask = async (what: Promise<unknown>) => {
    try {
      await what;
      message.success(t('member.saved'));
      close();
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['live'] });
  };
  const save = () => {
    const q = difference(agent.queues, queues);
    const s = difference(agent.skills, skills);
    if (Object.keys(q.with).length + q.without.length + Object.keys(s.with).length + s.without.length === 0) return close();
    const body = { queues: q.with, without: q.without, skills: s.with, withoutSkills: s.without };
    return ask(api.PATCH('/api/v1/agents/{id}/membership', { ...path, body }));
  };
  const without = (levels: Levels, id: string) => Object.fromEntries(Object.entries(levels).filter(([one]) => one !== id));
  const add = () => {
    if (skill.trim()) setSkills({ [skill.trim()]: 1, ...skills });
    setSkill('');
  };
  return (
    <Modal
      open
      title={t('member.title', { name: agent.name || agent.id })}
      okText={t('member.save')}
      onOk={save}
      onCancel={close}
      footer={(_, { OkBtn, CancelBtn }) => (
        <>
          {agent.live ? (
            <Button style={{ float: 'left' }} onClick={() => ask(api.DELETE('/api/v1/agents/{id}/membership', path))}>
              {t('member.reset')}
            </Button>
          ) : null}
          <CancelBtn />
          <OkBtn />
        </>
      )}
    >
      <p className="quiet">{t('member.intro')}</p>
      <Table
        size="small"
        rowKey="id"
        pagination={false}
        dataSource={all}
        columns={[
          { title: t('wall.queue'), render: (_, q) => q.name || q.id },
          {
            title: t('member.in'),
            render: (_, q) => (
              <Switch
                size="small"
                aria-label={`${t('member.in')} ${q.name || q.id}`}
                checked={q.id in queues}
                onChange={(on) => setQueues(on ? { ...queues, [q.id]: 1 } : without(queues, q.id))}
              />
            ),
          },
          {
            title: t('member.level'),
            render: (_, q) =>
              q.id in queues ? (
                <InputNumber
                  size="small"
                  min={0}
                  max={100}
                  precision={0}
                  aria-label={`${t('member.level')} ${q.name || q.id}`}
                  value={queues[q.id]}
                  onChange={(n) => setQueues({ ...queues, [q.id]: n ?? 0 })}
                />
              ) : null,
          },
        ]}
      />
      <Flex gap={8} align="center" wrap style={{ marginTop: 12 }}>
        <span>{t('member.skills')}</span>
        {Object.entries(skills).map(([id, level]) => (
          <Tag key={id} closable onClose={() => setSkills(without(skills, id))}>
            {id}{' '}
            <InputNumber
              size="small"
              min={0}
              max={100}
              precision={0}
              style={{ width: 60 }}
              aria-label={`${t('member.level')} ${id}`}
              value={level}
              onChange={(n) => setSkills({ ...skills, [id]: n ?? 0 })}
            />
          </Tag>
        ))}
        <Input
          size="small"
          style={{ width: 140 }}
          maxLength={64}
          placeholder={t('member.skill')}
          value={skill}
          onChange={(e) => setSkill(e.target.value)}
          onPressEnter={add}
        />
        <Button size="small" onClick={add} disabled={!skill.trim()}>
          {t('act.add')}
        </Button>
      </Flex>
    </Modal>
  );
}

import { CheckOutlined, ClockCircleOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Card, Flex, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Agent, api } from '../api/client';
import { useBeside } from '../mine';
import { clock, useNow } from '../parts/time';

// useAct does something by the API, shows what went wrong, and asks anew for what is live.
function useAct() {
  const { message } = App.useApp();
  const client = useQueryClient();
  return async (act: () => Promise<unknown>, done?: string) => {
    try {
      await act();
      if (done) message.success(done);
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['live'] });
  };
}

// Disposition says what a call was about (小结), from the queue's list where it has one; it can be said again.
export function Disposition({ call }: { call: string }) {
  const { t } = useTranslation();
  const act = useAct();
  const beside = useBeside(call).data;
  const [text, setText] = useState<string>();
  if (!beside) return null;
  const said = beside.disposition;
  const say = (code: string) =>
    code.trim() &&
    act(
      () => api.PUT('/api/v1/calls/{id}/disposition', { params: { path: { id: call } }, body: { code: code.trim() } }),
      t('common.saved'),
    );
  return (
    <Flex gap={8} align="center">
      <span className="quiet">{t('work.disposition')}</span>
      {beside.dispositions.length > 0 ? (
        <Select
          showSearch
          style={{ flex: 1, minWidth: 160 }}
          placeholder={t('work.dispositionHint')}
          aria-label={t('work.disposition')}
          value={said}
          options={beside.dispositions.map((d) => ({ value: d, label: d }))}
          onChange={(code) => void say(code)}
        />
      ) : (
        <Input
          style={{ flex: 1 }}
          maxLength={100}
          placeholder={t('work.dispositionHint')}
          aria-label={t('work.disposition')}
          value={text ?? said ?? ''}
          onChange={(e) => setText(e.target.value)}
          onBlur={() => text !== undefined && text !== said && void say(text)}
          onPressEnter={(e) => e.currentTarget.blur()}
        />
      )}
      {said ? <CheckOutlined style={{ color: '#1f9d55' }} aria-label={t('common.saved')} /> : null}
    </Flex>
  );
}

// WrapUp is the work after a call: how long it lasts yet, longer once, what is missing, and an end before its time.
export function WrapUp({ self }: { self: Agent }) {
  const { t } = useTranslation();
  const now = useNow();
  const act = useAct();
  const wrap = self.wrapUp;
  if (!wrap) return null;
  const path = { id: self.id };
  const ready = () => act(() => api.PUT('/api/v1/agents/{id}/state', { params: { path }, body: { state: 'ready' } }));
  const lengthen = () => act(() => api.POST('/api/v1/agents/{id}/wrap-up/lengthen', { params: { path } }), t('work.lengthened'));
  return (
    <Card size="small" style={{ borderColor: '#7c3aed', borderWidth: 2 }} title={t('state.wrap-up')}>
      <Flex gap={16} align="center" wrap>
        <span className="quiet">{wrap.until ? t('work.wrapLeft') : t('work.wrapOpen')}</span>
        {wrap.until ? (
          <span className="num" role="timer" style={{ fontSize: 28, fontWeight: 600 }}>
            {clock(Date.parse(wrap.until) - now)}
          </span>
        ) : null}
        <span style={{ flex: 1 }} />
        {wrap.canLengthen ? (
          <Button icon={<ClockCircleOutlined />} onClick={() => void lengthen()}>
            {t('work.lengthen')}
          </Button>
        ) : null}
        <Button type="primary" icon={<CheckOutlined />} disabled={wrap.needsDisposition} onClick={() => void ready()}>
          {t('work.finish')}
        </Button>
      </Flex>
      {wrap.needsDisposition ? <Alert type="warning" showIcon style={{ marginTop: 8 }} title={t('work.dispositionNeeded')} /> : null}
    </Card>
  );
}

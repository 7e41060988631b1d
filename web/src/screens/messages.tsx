import { MessageOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Badge, Button, Drawer, Flex, Tag, Tooltip } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import { Nothing } from '../parts/ask';
import { useBy } from '../parts/names';
import { stamp } from '../parts/time';
import { usePhone } from '../phone/phone';

// Messages is what supervisors wrote to the agent: a notification for each as it comes, or as the agent comes, and the list.
export function Messages() {
  const { t } = useTranslation();
  const by = useBy();
  const { message, notification } = App.useApp();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const told = useRef(new Set<string>());
  const latest = usePhone()?.book.message;
  const all = useQuery({
    queryKey: ['messages'],
    queryFn: () => take(api.GET('/api/v1/messages', { params: { query: { limit: 100 } } })),
    refetchInterval: 10_000,
  });
  useEffect(() => {
    if (latest) void client.invalidateQueries({ queryKey: ['messages'] });
  }, [latest, client]);
  const unread = (all.data ?? []).filter((m) => !m.read);
  const read = async (ids: string[]) => {
    for (const id of ids) notification.destroy(id);
    try {
      await api.POST('/api/v1/messages/read', { body: { ids } });
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['messages'] });
  };
  useEffect(() => {
    for (const m of unread) {
      if (told.current.has(m.id)) continue;
      told.current.add(m.id);
      notification.info({
        key: m.id,
        title: t('message.from', { by: by(m.by) }),
        description: m.text,
        placement: 'bottomRight', // never over the bar or a ringing call
        duration: 0,
        actions: (
          <Button type="primary" size="small" onClick={() => void read([m.id])}>
            {t('message.read')}
          </Button>
        ),
      });
    }
  });
  return (
    <>
      <Tooltip title={t('message.title')}>
        <Badge count={unread.length} size="small" offset={[-6, 6]}>
          <Button type="text" icon={<MessageOutlined />} aria-label={t('message.title')} onClick={() => setOpen(true)} />
        </Badge>
      </Tooltip>
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        title={t('message.title')}
        extra={
          unread.length > 0 ? (
            <Button size="small" onClick={() => void read(unread.map((m) => m.id))}>
              {t('message.readAll')}
            </Button>
          ) : null
        }
      >
        {all.data?.length === 0 ? <Nothing text={t('message.none')} /> : null}
        {(all.data ?? []).map((m) => (
          <section key={m.id} style={{ marginBottom: 16 }}>
            <Flex gap={8} align="center" className="quiet">
              {by(m.by)} · {stamp(m.at)} {m.read ? null : <Tag color="blue">{t('message.unread')}</Tag>}
            </Flex>
            <div style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{m.text}</div>
          </section>
        ))}
      </Drawer>
    </>
  );
}

import { App, Button, Flex, Modal, Table } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Action, actions, changed, combo, doing, keepKeys, shipped, shown, usable, useKeys } from './keys';

// useCapture hears the next keys pressed, before anything else in the page does; Escape gives up.
function useCapture(on: boolean, heard: (keys: string) => void) {
  useEffect(() => {
    if (!on) return;
    const pressed = (e: KeyboardEvent) => {
      const keys = combo(e);
      e.preventDefault();
      e.stopImmediatePropagation();
      if (keys) heard(e.key === 'Escape' ? '' : keys);
    };
    window.addEventListener('keydown', pressed, true);
    return () => window.removeEventListener('keydown', pressed, true);
  }, [on, heard]);
}

// KeyHelp is the sheet of shortcuts, and where they are changed. It is loaded when it is asked for.
export default function KeyHelp({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const keys = useKeys();
  const [asking, ask] = useState<Action>();
  useCapture(open && asking !== undefined, (pressed) => {
    const action = asking as Action;
    ask(undefined);
    if (!pressed) return;
    if (!usable(pressed)) {
      message.warning(t('keys.bad'));
      return;
    }
    const had = doing(keys, pressed);
    if (had && had !== action) message.info(t('keys.taken', { what: t(`keys.${had}`), now: t(`keys.${action}`) }));
    keepKeys(changed(keys, action, pressed));
  });
  return (
    <Modal
      open={open}
      title={t('keys.title')}
      onCancel={close}
      keyboard={asking === undefined}
      style={{ top: 16 }}
      styles={{ body: { maxHeight: 'calc(100vh - 140px)', overflow: 'auto' } }}
      footer={<Button onClick={() => keepKeys(shipped)}>{t('keys.reset')}</Button>}
    >
      <p className="quiet">{t('keys.intro')}</p>
      <Table
        size="small"
        rowKey="action"
        pagination={false}
        showHeader={false}
        dataSource={actions.map((action) => ({ action }))}
        columns={[
          { title: '', render: (_, r) => t(`keys.${r.action}`) },
          {
            title: '',
            render: (_, r) =>
              asking === r.action ? <b>{t('keys.press')}</b> : <kbd className="mono">{shown(keys[r.action]) || t('keys.none')}</kbd>,
          },
          {
            title: '',
            align: 'right',
            render: (_, r) => (
              <Flex justify="end">
                <Button size="small" onClick={() => ask(r.action)} aria-label={`${t('keys.change')} ${t(`keys.${r.action}`)}`}>
                  {t('keys.change')}
                </Button>
              </Flex>
            ),
          },
        ]}
      />
    </Modal>
  );
}

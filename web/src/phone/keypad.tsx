import { NumberOutlined } from '@ant-design/icons';
import { Button, Popover } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tip, useKeys, useShortcut } from './keys';

const pad = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

// Keypad sends keys in a call (二次拨号): by mouse, or typed while it is open.
export function Keypad({ press }: { press: (key: string) => void }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const [open, setOpen] = useState(false);
  const [sent, setSent] = useState('');
  const send = (key: string) => {
    press(key);
    setSent((s) => (s + key).slice(-20));
  };
  useShortcut('keypad', () => setOpen((is) => !is));
  useTyped(open, send, () => setOpen(false));
  return (
    <Popover
      open={open}
      trigger="click"
      onOpenChange={(is) => {
        setOpen(is);
        setSent('');
      }}
      content={
        <>
          <div className="num" role="status" style={{ height: 20, textAlign: 'center' }}>
            {sent}
          </div>
          <div style={{ display: 'grid', gridTemplateColumns: 'repeat(3, 44px)', gap: 6 }}>
            {pad.map((k) => (
              <Button key={k} size="large" onClick={() => send(k)}>
                {k}
              </Button>
            ))}
          </div>
        </>
      }
    >
      <Button className="spare" icon={<NumberOutlined />} title={tip(t('phone.keypad'), keys.keypad)}>
        {t('phone.keypad')}
      </Button>
    </Popover>
  );
}

function useTyped(on: boolean, send: (key: string) => void, close: () => void) {
  useEffect(() => {
    if (!on) return;
    const pressed = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement) return;
      if (e.key === 'Escape') close();
      else if (pad.includes(e.key)) send(e.key);
      else return;
      e.preventDefault();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  });
}

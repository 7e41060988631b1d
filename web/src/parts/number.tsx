import { PhoneOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { usePhone } from '../phone/phone';
import { dialled } from '../phone/targets';
import { national } from './region';

// said is a number as it is read on a page: without its country here, and in words where there is none.
export const said = (t: (key: string) => string, value?: string) =>
  value === 'anonymous' ? t('common.anonymous') : national(value ?? '') || t('common.unknown');

interface Props {
  value?: string;
  call?: string; // whose other party this is: dialled by the server, however the number is shown here
  ticket?: string; // whose caller this is
}

// Num is a telephone number on a page; where this tab can dial it, a click does. A masked number can be dialled by what it is of.
export function Num({ value, call, ticket }: Props) {
  const { t } = useTranslation();
  const phone = usePhone();
  const to = value ? dialled(value) : '';
  const free = phone?.on && phone.up && phone.book.owner && phone.book.calls.length === 0;
  const known = to || (value?.includes('*') && (call || ticket));
  if (!value || !known || !free) return <span className="num">{said(t, value)}</span>;
  return (
    <Button
      type="link"
      size="small"
      className="num"
      style={{ padding: 0, height: 'auto' }}
      icon={<PhoneOutlined />}
      iconPlacement="end"
      title={t('work.dial', { to: national(value) })}
      onClick={() => void phone.dial(to ? { to } : { record: call, ticket })}
    >
      {national(value)}
    </Button>
  );
}

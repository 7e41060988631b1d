import { PhoneOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { usePhone } from '../phone/phone';
import { dialled } from '../phone/targets';

// Num is a telephone number on a page; where this tab can dial it, a click does. A masked number is for reading alone.
export function Num({ value }: { value?: string }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const to = value ? dialled(value) : '';
  const free = phone?.on && phone.up && phone.book.owner && phone.book.calls.length === 0;
  if (!value || !to || !free) return <span className="num">{value || t('common.unknown')}</span>;
  return (
    <Button
      type="link"
      size="small"
      className="num"
      style={{ padding: 0, height: 'auto' }}
      icon={<PhoneOutlined />}
      iconPlacement="end"
      title={t('work.dial', { to: value })}
      onClick={() => void phone.dial(to)}
    >
      {value}
    </Button>
  );
}

import { DownOutlined } from '@ant-design/icons';
import { Badge, Button, Flex, Input, Popover, Select } from 'antd';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAgents, useQueues } from '../live';

// The filters over a list: the usual ones in its one line, the seldom ones behind More.

interface Picked {
  label: string;
  value?: string;
  onChange: (value?: string) => void;
  none?: string; // what stands there while nothing is chosen; the label when left out
  others?: { value: string; label: string }[]; // what may be chosen beside, first
}

interface Called {
  id: string;
  name?: string;
}

function Pick({ of, label, none = label, value, onChange, others = [] }: Picked & { of: Called[] }) {
  return (
    <Select<string>
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      style={{ width: 150 }}
      popupMatchSelectWidth={false}
      aria-label={label}
      placeholder={none}
      value={value}
      onChange={(v?: string) => onChange(v)}
      options={[...others, ...of.map((x) => ({ value: x.id, label: x.name || x.id }))]}
    />
  );
}

// PickQueue chooses a queue by its name; one that is gone stands there by its id.
export function PickQueue(props: Picked) {
  return <Pick of={useQueues().data ?? []} {...props} />;
}

// PickAgent chooses an agent by their name, as PickQueue does.
export function PickAgent(props: Picked) {
  return <Pick of={useAgents().data ?? []} {...props} />;
}

interface Sought {
  label: string;
  value?: string;
  width?: number;
  max: number; // characters
  onSearch: (value?: string) => void;
}

// Seek is a text that a list is searched for, when Enter is pressed.
export function Seek({ label, value, width = 140, max, onSearch }: Sought) {
  const [of, begin] = useState(value);
  const [text, write] = useState(value ?? '');
  if (of !== value) {
    begin(value);
    write(value ?? '');
  }
  return (
    <Input.Search
      allowClear
      maxLength={max}
      style={{ width }}
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(e) => write(e.target.value)}
      onSearch={(v) => onSearch(v.trim() || undefined)}
    />
  );
}

// More holds the seldom filters; on its button stands how many of them narrow the list. It follows the button in the order of the keyboard,
// and Esc closes it.
export function More({ count, children }: { count: number; children: ReactNode }) {
  const { t } = useTranslation();
  const [open, show] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc is of the whole, wherever in it the cursor stands
    <span
      onKeyDown={(e) => {
        if (e.key !== 'Escape' || !open) return;
        show(false);
        button.current?.focus();
      }}
    >
      <Popover
        open={open}
        onOpenChange={show}
        trigger="click"
        placement="bottom"
        getPopupContainer={(b) => b.parentElement ?? document.body}
        content={
          <Flex vertical gap={8}>
            {children}
          </Flex>
        }
      >
        <Badge count={count} size="small" color="#1456d8">
          <Button ref={button} aria-expanded={open} icon={<DownOutlined />} iconPlacement="end">
            {t('act.filters')}
          </Button>
        </Badge>
      </Popover>
    </span>
  );
}

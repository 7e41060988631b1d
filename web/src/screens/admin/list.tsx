import { Button, Select, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';
import { Paged } from '../../parts/paged';
import { type Kept, type Kind, readers } from './config';
import { useWords } from './words';

export interface Column {
  name: string; // the field that the server sorts by
  title: string;
  render?: (item: Record<string, unknown>, kept: Kept) => ReactNode;
  width?: number;
  unsorted?: boolean; // it is no field of the item
}

// said is a field's value as a table shows it.
export const said = (v: unknown): ReactNode => (Array.isArray(v) ? v.join(' · ') : v === undefined || v === '' ? '–' : String(v));

// Filter narrows a list to items with a value in a field; '' stands for those without the field.
export interface Filter {
  name: string;
  label: string;
  options: { value: string; label: string }[];
}

interface Props {
  kind: Kind;
  columns: Column[];
  filters?: Filter[];
  onOpen: (kept: Kept) => void;
  onAdd?: () => void;
}

// Items is a list of one kind of a centre's items; a click on a line opens it.
export function Items({ kind, columns, filters, onOpen, onAdd }: Props) {
  const t = useWords();
  const [narrowed, narrow] = useState<Record<string, string | undefined>>({});
  const where = Object.entries(narrowed).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`));
  const first = columns[0]?.name;
  const shown: TableColumnsType<Kept> = columns.map((c) => ({
    key: c.name,
    title: c.title,
    width: c.width,
    sorter: !c.unsorted,
    render: (_: unknown, kept: Kept) => {
      const text = c.render ? c.render(kept.item, kept) : said(kept.item[c.name]);
      return c.name === first ? (
        <Button type="link" size="small" style={{ padding: 0 }} onClick={() => onOpen(kept)}>
          {text}
        </Button>
      ) : (
        text
      );
    },
  }));
  return (
    <Paged<Kept>
      name={['config', kind, where]}
      load={async (asked) => {
        const { items, total } = await readers[kind]({ ...asked, where });
        return { rows: items, total };
      }}
      filtered={where.length > 0}
      columns={shown}
      rowKey="id"
      none={t(`${kind}.none`)}
      hint={t(`${kind}.none_hint`)}
      beside={(filters ?? []).map((f) => (
        <Select
          key={f.name}
          allowClear
          showSearch
          optionFilterProp="label"
          style={{ width: 170 }}
          placeholder={f.label}
          aria-label={f.label}
          options={f.options}
          onChange={(value?: string) => narrow((old) => ({ ...old, [f.name]: value }))}
        />
      ))}
      actions={
        onAdd ? (
          <Button type="primary" onClick={onAdd}>
            {t(`${kind}.new`)}
          </Button>
        ) : null
      }
    />
  );
}

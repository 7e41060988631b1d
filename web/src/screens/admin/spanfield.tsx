import { Input, Select, Space } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { measured, milliseconds, type Unit, units } from './span';
import { useWords } from './words';

interface Shown {
  text: string;
  unit: Unit;
}

// shown is a value as the control has it: a number and its unit, nothing, or what somebody typed that is neither.
function shown(value: string | undefined, unit: Unit): Shown {
  if (!value) return { text: '', unit };
  const ms = milliseconds(value);
  if (ms === undefined) return { text: value, unit };
  const { n, unit: fits } = measured(ms, unit);
  return { text: String(n), unit: fits };
}

// written is what the API gets: 30m, nothing, or what was typed as it is, which isSpan refuses.
function written({ text, unit }: Shown): string | undefined {
  const said = text.trim();
  if (said === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(said)) return `${said}${unit}`;
  const ms = milliseconds(said);
  if (ms === undefined) return said;
  const { n, unit: fits } = measured(ms, unit);
  return `${n}${fits}`;
}

// isSpan says whether a value of the control is a length of time, or none is given.
export const isSpan = (value: unknown): boolean => !value || milliseconds(String(value)) !== undefined;

interface Props {
  id?: string;
  value?: string; // as data.yml writes it
  onChange?: (value: string | undefined) => void;
  onBlur?: () => void;
  onDone?: (value: string | undefined) => void; // it is left, or Enter was pressed, or a unit chosen
  label?: string;
  hint?: string;
}

// Span is a length of time: a number and its unit. 1h30m and 90 分钟 may be typed as well.
export function Span({ id, value, onChange, onBlur, onDone, label, hint }: Props) {
  const t = useWords();
  const [at, setAt] = useState(() => shown(value, 's'));
  const told = useRef(value);
  useEffect(() => {
    if ((value || undefined) === (told.current || undefined)) return;
    told.current = value;
    setAt((old) => shown(value, old.unit));
  }, [value]);
  const tell = (next: Shown) => {
    setAt(next);
    told.current = written(next);
    onChange?.(told.current);
  };
  const done = () => {
    setAt((old) => shown(told.current, old.unit));
    onDone?.(told.current);
  };
  const offered: Unit[] = at.unit === 'ms' ? ['ms', ...units] : [...units];
  return (
    <Space.Compact block>
      <Input
        id={id}
        value={at.text}
        maxLength={20}
        inputMode="decimal"
        placeholder={hint}
        aria-label={label}
        onChange={(e) => tell({ ...at, text: e.target.value })}
        onBlur={() => {
          done();
          onBlur?.();
        }}
        onPressEnter={done}
      />
      <Select<Unit>
        value={at.unit}
        style={{ width: 84, flex: 'none' }}
        aria-label={t('span.unit')}
        options={offered.map((u) => ({ value: u, label: t(`span.in_${u}`) }))}
        onChange={(unit) => {
          tell({ ...at, unit });
          onDone?.(told.current);
        }}
      />
    </Space.Compact>
  );
}

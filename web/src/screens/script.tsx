import { Card, Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { useBeside } from '../mine';
import { linesOf } from './scriptlines';

// Script is what the agent is to say in a call, as its queue has it; nothing where it has none. Ticks are the agent's own and are not kept.
export function Script({ call }: { call: string }) {
  const { t } = useTranslation();
  const script = useBeside(call).data?.script;
  if (!script) return null;
  return (
    <Card size="small" title={t('desk.script')} styles={{ body: { maxHeight: 280, overflow: 'auto' } }}>
      {linesOf(script).map((l) =>
        l.step ? (
          <div key={l.at}>
            <Checkbox>{l.text}</Checkbox>
          </div>
        ) : (
          <p key={l.at} style={{ margin: '2px 0', minHeight: 8 }}>
            {l.text}
          </p>
        ),
      )}
    </Card>
  );
}

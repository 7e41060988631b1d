import { BellOutlined } from '@ant-design/icons';
import { Button, Flex, InputNumber, Modal, Switch, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chime } from './alarm';
import { type Board, type Figure, figuresWithLimits, type Limit, readBoard, shipped, units } from './thresholds';

const place = 'hotline.wallboard';

// useBoard is the wallboard as this browser has it.
export function useBoard(): [Board, (b: Board) => void] {
  const [board, set] = useState(() => readBoard(localStorage.getItem(place)));
  const keep = (b: Board) => {
    localStorage.setItem(place, JSON.stringify(b));
    set(b);
  };
  return [board, keep];
}

// Limits is where the wallboard's thresholds, its sound and the T of the service level are set.
export function Limits({ board, keep }: { board: Board; keep: (b: Board) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const change = (figure: Figure, which: keyof Limit, to: number | null) => {
    if (to === null) return;
    keep({ ...board, limits: { ...board.limits, [figure]: { ...board.limits[figure], [which]: to } } });
  };
  const field = (figure: Figure, which: keyof Limit) => (
    <InputNumber
      min={0}
      max={86_400}
      style={{ width: 110 }}
      suffix={units[figure] === 's' ? t('common.second') : units[figure] || undefined}
      aria-label={`${t(`limits.${figure}`)} ${t(`limits.${which}`)}`}
      value={board.limits[figure][which]}
      onChange={(to) => change(figure, which, to)}
    />
  );
  return (
    <>
      <Button icon={<BellOutlined />} onClick={() => setOpen(true)}>
        {t('limits.title')}
      </Button>
      <Modal
        open={open}
        title={t('limits.title')}
        onCancel={() => setOpen(false)}
        footer={<Button onClick={() => keep(shipped)}>{t('keys.reset')}</Button>}
      >
        <p className="quiet">{t('limits.intro')}</p>
        <Table
          size="small"
          rowKey="figure"
          pagination={false}
          dataSource={figuresWithLimits.map((figure) => ({ figure }))}
          columns={[
            { title: '', render: (_, r) => t(`limits.${r.figure}`) },
            { title: t('limits.warn'), render: (_, r) => field(r.figure, 'warn') },
            { title: t('limits.bad'), render: (_, r) => field(r.figure, 'bad') },
          ]}
        />
        <Flex gap={8} align="center" style={{ marginTop: 12 }}>
          <Switch
            checked={board.sound}
            aria-label={t('limits.sound')}
            onChange={(sound) => {
              if (sound) void chime();
              keep({ ...board, sound });
            }}
          />
          <span>{t('limits.sound')}</span>
        </Flex>
        <Flex gap={8} align="center" style={{ marginTop: 12 }}>
          <span>{t('limits.within')}</span>
          <InputNumber
            min={1}
            max={3600}
            suffix={t('common.second')}
            aria-label={t('limits.within')}
            value={board.within}
            onChange={(within) => within && keep({ ...board, within })}
          />
        </Flex>
      </Modal>
    </>
  );
}

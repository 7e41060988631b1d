import { Flex, Typography } from 'antd';
import { type ReactNode, useEffect } from 'react';

// Page is a screen's frame: its title, which the browser's tab has too, and what belongs beside it.
export function Page({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Hotline`;
  }, [title]);
  return (
    <section className="page">
      <Flex justify="space-between" align="center" gap={12} wrap className="page-head">
        <Typography.Title level={1} className="page-title">
          {title}
        </Typography.Title>
        {extra}
      </Flex>
      {children}
    </section>
  );
}

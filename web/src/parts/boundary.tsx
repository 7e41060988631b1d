import { Alert, Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  at: string; // the page: another one is drawn anew
  children: ReactNode;
}

// Boundary keeps a page that cannot be drawn, or not be loaded, to its place: what is around it, such as a call under way, goes on.
export class Boundary extends Component<Props, { why: string | null }> {
  override state = { why: null };

  static getDerivedStateFromError(err: unknown) {
    return { why: err instanceof Error ? err.message : String(err) };
  }

  override componentDidUpdate(before: Props) {
    if (before.at !== this.props.at && this.state.why !== null) this.setState({ why: null });
  }

  override render() {
    return this.state.why === null ? this.props.children : <Broken why={this.state.why} />;
  }
}

function Broken({ why }: { why: string }) {
  const { t } = useTranslation();
  const again = <Button onClick={() => location.reload()}>{t('app.reload')}</Button>;
  return <Alert style={{ margin: 24 }} type="error" showIcon title={t('app.broken')} description={why} action={again} />;
}

import { useTranslation } from 'react-i18next';
import { useAgentName, useQueueNameOf } from '../live';
import { useTrunkName } from './trunks';

// Names in place of ids: each is drawn anew only where the name itself changed, not with every change of the floor. The id is the title
// of a name; what is gone, and what has no name, is shown by its id.

function Named({ id, name }: { id: string; name: string }) {
  return name === id ? id : <span title={id}>{name}</span>;
}

export function AgentName({ id }: { id: string }) {
  return <Named id={id} name={useAgentName(id)} />;
}

export function QueueName({ id }: { id: string }) {
  return <Named id={id} name={useQueueNameOf(id)} />;
}

export function TrunkName({ id }: { id: string }) {
  return <Named id={id} name={useTrunkName()(id)} />;
}

// useBy says who did something, which is kept by their name: the program itself and commands on its machine have words.
export function useBy(): (who?: string) => string {
  const { t } = useTranslation();
  return (who = '') => (who === 'system' ? t('call.side.system') : who === 'commands on this machine' ? t('common.machine') : who);
}

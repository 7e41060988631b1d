import { useQuery } from '@tanstack/react-query';
import { api, may, take } from '../api/client';
import { useMe } from '../session';

// useTrunks are all trunks with their health, which supervisors may know; every: ms after which it is asked again.
export function useTrunks(every?: number) {
  return useQuery({
    queryKey: ['trunks', 'all'],
    enabled: may(useMe(), 'supervisor'),
    queryFn: async () => (await take(api.GET('/api/v1/trunks', { params: { query: { limit: 1000 } } }))).trunks ?? [],
    staleTime: every ?? 60_000,
    refetchInterval: every,
  });
}

// useTrunkName is how people call a trunk; the id where that is not known.
export function useTrunkName(): (id?: string) => string {
  const trunks = useTrunks().data;
  return (id) => trunks?.find((k) => k.id === id)?.name || id || '';
}

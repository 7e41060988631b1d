import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { api, type Me, onSignedOut, Problem } from './api/client';
import { early } from './early';

const Who = createContext<Me | null>(null);

// useMe is who is signed in; only screens behind the sign-in ask.
export function useMe(): Me {
  const me = useContext(Who);
  if (!me) throw new Error('nobody is signed in');
  return me;
}

// Session shows children to who is signed in, and the door to everybody else.
export function Session({ door, waiting, children }: { door: ReactNode; waiting: ReactNode; children: ReactNode }) {
  const client = useQueryClient();
  const me = useQuery({
    queryKey: ['me'],
    retry: (n, err) => !(err instanceof Problem) && n < 3,
    queryFn: () => early.session(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  useEffect(() => onSignedOut(() => client.resetQueries({ queryKey: ['me'] })), [client]);
  if (me.data) return <Who value={me.data}>{children}</Who>;
  return <>{me.isPending ? waiting : door}</>;
}

// useSignOut ends the session and forgets all that was read with it.
export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    await api.DELETE('/api/v1/session');
    client.clear();
    await client.invalidateQueries({ queryKey: ['me'] });
    window.location.assign('/');
  };
}

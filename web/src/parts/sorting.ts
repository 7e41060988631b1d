import type { TableProps } from 'antd';

type Sorter<T> = Parameters<NonNullable<TableProps<T>['onChange']>>[2];

// sortOf is what the server is asked to sort by, of what a table says of its columns: the key of one, with - before it for the largest
// first; undefined for the list's own order.
export function sortOf<T>(sorter: Sorter<T>): string | undefined {
  const one = Array.isArray(sorter) ? sorter[0] : sorter;
  return one?.order ? (one.order === 'descend' ? '-' : '') + String(one.columnKey) : undefined;
}

// sorted is what makes a column one that the server sorts by, for the order that holds.
export const sorted = (key: string, sort: string) => ({
  key,
  sorter: true,
  sortDirections: ['descend', 'ascend', 'descend'] as ('ascend' | 'descend')[], // one of the two always holds
  sortOrder: sort === key ? ('ascend' as const) : sort === `-${key}` ? ('descend' as const) : null,
});

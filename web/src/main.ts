import { early } from './early';

await early.begin();
void import('./pages');

import { early } from './early';

early.begin();
void import('./pages');

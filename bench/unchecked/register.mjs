// Loaded before the server, in one bench alone: puts `switch.mjs` in the place of the file that decides.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);

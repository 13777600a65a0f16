export { endpoints } from './channel-groups.ts';

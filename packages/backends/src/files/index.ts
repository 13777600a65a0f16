export { openFolderFiles } from './folder-files.ts';

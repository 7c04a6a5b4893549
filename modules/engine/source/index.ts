export { discoverFolders, stackPath, type Discovered, type DiscoverOptions, type FolderSetting } from './discover.ts';

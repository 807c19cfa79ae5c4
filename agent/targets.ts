/** PostgreSQL servers on this host: found in /proc, told apart by their data directory, followed over restarts. The door of agent/targets/. */

export { postmasterByDataDirectory, postmasterByPid, TargetError } from './targets/find.js';
export { createFollower, type Follower, type FollowerOptions, type TargetSelection } from './targets/follow.js';
export {
  allPostmasters,
  isChildOfPostmaster,
  isStillThere,
  type Postmaster,
  placeOf,
  postmasterOf,
} from './targets/postmaster.js';
export { readProcFile, workingDirectoryId } from './targets/proc.js';

/**
 * Mode of files that hold what users said or wrote, or what programs said about it: results, logs, copied input. The
 * worker's group may read them, no other user. A stricter umask takes more, where a file is made with it.
 */
export const GROUP_READABLE = 0o640;

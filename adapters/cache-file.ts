// A SQLite file that is only a cache: one that cannot be opened is thrown away and made anew.

/** @param discard deletes one file, if it is there */
export function openCacheFile<T>(path: string, open: (path: string) => T, discard: (path: string) => void): T {
  try {
    return open(path);
  } catch {
    for (const suffix of ['', '-wal', '-shm']) discard(path + suffix);
    return open(path);
  }
}

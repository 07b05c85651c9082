// Writes all of it: on a disk that is nearly full one write may take a part, and only the next one says why.
import type { FileHandle } from 'node:fs/promises';

/** @throws the error of the first write that takes nothing */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

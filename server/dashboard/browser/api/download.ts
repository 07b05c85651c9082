// Keeps an answer of the API as a file. A plain link cannot: the key goes in a header.
import { call } from './call.ts';

/** @throws Refusal */
export async function download(path: string, accept: string, fileName: string): Promise<void> {
  const response = await call(path, { accept });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}

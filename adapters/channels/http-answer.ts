// Reads an HTTP answer of a channel up to a limit: a channel must not fill our memory, whatever it sends.
import type { Answer } from './http-reply.ts';

/** An answer is about as large as the question; more is not read. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  if (!response.ok) {
    const start = await textOf(response, ERROR_BYTES_MAX).catch(() => '');
    return { status, headers, text: start };
  }
  return { status, headers, text: await textOf(response, ANSWER_BYTES_MAX) };
}
const ERROR_BYTES_MAX = 4_096;

/** At most `bytesMax` of the body; the rest is not received. */
async function textOf(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early cancels the body, which closes the connection.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (bytes > bytesMax) return text;
  }
  return text + decoder.decode();
}

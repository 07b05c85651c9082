// How a channel is taken into use: in shadow mode its figures are computed and compared with what it shows, and nothing
// is published; going live is a change of policy (docs/shadow-mode.md).
import { z } from 'zod';

export const ChannelMode = z.enum(['live', 'shadow']);
export type ChannelMode = z.infer<typeof ChannelMode>;

/** Live, unless its policy says otherwise. */
export function isShadow({ mode }: { readonly mode?: ChannelMode | undefined }): boolean {
  return mode === 'shadow';
}

// The policy file: how the first policy comes into the log, and later a changed file, by itself at a start. What came by
// the API stays in force beside a file that has not changed.
import { PolicyDocument } from '../domain/channel/policy.ts';
import type { PolicyCommand } from '../domain/policy/decide.ts';
import { FILE_AUTHOR, type PolicyHistory, sameDocument, storedDocument } from '../domain/policy/history.ts';
import { readDocument } from './document-file.ts';

export const NO_POLICY =
  'POLICY_FILE is not set, and the log has no policy yet: name a policy document; docs/examples/policy.json is one to start from';

/** Undefined: no file is named. @throws ConfigError naming the file, the field and the rule */
export async function readPolicyFile(path: string | undefined): Promise<PolicyDocument | undefined> {
  return path === undefined ? undefined : readDocument('POLICY_FILE', path, 'a valid policy', PolicyDocument);
}

/** False: the file is the one adopted last, or what it says was taken since then, by whatever way. */
export function isNews({ versions }: PolicyHistory, file: PolicyDocument): boolean {
  const lastOfFile = versions.findLastIndex(({ author }) => author === FILE_AUTHOR);
  const since = versions.slice(Math.max(0, lastOfFile)).filter(({ cancelled }) => cancelled === undefined);
  return !since.some(
    ({ version, document }) => version === file.version && sameDocument(storedDocument(document), file),
  );
}

export function adoption(document: PolicyDocument): PolicyCommand {
  return { type: 'apply', document, author: FILE_AUTHOR, reason: 'adopted from the policy file at a start' };
}

// The log is not what was written or sealed, or the seals are not what was signed: by damage, or by somebody.

const TOLD_MAX = 5;

/** Nothing is sealed over it. The message is for people. */
export class NotAsSealed extends Error {
  override readonly name = 'NotAsSealed';
  /** Each with its place. */
  readonly faults: readonly string[];
  /** Only all of the log shows more, not the part that is to be sealed. */
  readonly inSealedPart: boolean;
  constructor(faults: readonly string[], inSealedPart = false) {
    const more = faults.length > TOLD_MAX ? `\n  and ${faults.length - TOLD_MAX} more` : '';
    const told = faults.slice(0, TOLD_MAX).map((fault) => `\n  ${fault}`);
    super(`nothing was sealed, because what there is is not what was written:${told.join('')}${more}`);
    this.faults = faults;
    this.inSealedPart = inSealedPart;
  }
}

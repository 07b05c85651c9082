// An exception case decided by example: one cause is one case, who owns it, when it is late, and what closes it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaseCommand } from '../../../domain/exception/case-commands.ts';
import { MINUTE } from '../../../domain/time.ts';
import { NOON } from '../../support/actors.ts';
import { caseStory, GAP } from '../../support/case-story.ts';

describe('a cause', () => {
  it('opens a case with the severity, owner and time that policy says', () => {
    const story = caseStory({ cases: [{ kind: 'sequence-gap', severity: 'high', owner: 'pos-team', slaMinutes: 30 }] });
    expect(story.raise({ units: 5, proposals: ['ask the till'] })).toBe('open');
    expect(story.state()).toMatchObject({
      ...{ kind: 'sequence-gap', key: GAP.key, subject: GAP.subject, severity: 'high', owner: 'pos-team', level: 0 },
      ...{ units: 5, proposals: ['ask the till'], occurrence: 1, sights: 1, openedAt: NOON, dueAt: NOON + 30 * MINUTE },
    });
  });

  it('that is seen again is the same case, and says how it is now', () => {
    const story = caseStory();
    story.raise({ units: 5 });
    story.now += MINUTE;
    expect(story.raise({ units: 7, detail: 'seven are missing' })).toBe('open');
    expect(story.state()).toMatchObject({ occurrence: 1, sights: 2, units: 7, detail: 'seven are missing' });
    expect(story.state()).toMatchObject({ openedAt: NOON, lastSeenAt: NOON + MINUTE });
    expect(story.types()).toEqual(['CaseOpened', 'CaseSeenAgain']);
  });

  it('that is gone closes its case, and opens it again when it comes back', () => {
    const story = caseStory({ cases: [{ kind: 'sequence-gap', owner: 'pos-team', slaMinutes: 30 }] });
    story.raise();
    story.send('assign', { owner: 'anna' });
    expect(story.clear()).toBe('cleared');
    expect(story.state()).toMatchObject({ closedAt: NOON, dueAt: undefined });
    expect(story.clear()).toBe('case-closed');
    story.now += 90 * MINUTE;
    expect(story.raise()).toBe('open');
    expect(story.state()).toMatchObject({ occurrence: 2, sights: 1, owner: 'pos-team', closedAt: undefined });
    expect(story.state()).toMatchObject({ openedAt: story.now, dueAt: story.now + 30 * MINUTE });
  });

  it.each(['resolve', 'dismiss'] as const)('known before people %s its case does not open it again', (how) => {
    const story = caseStory();
    story.raise({}, 10n);
    const said = { resolution: 'found them', reason: 'not ours', asOf: '20' };
    expect(story.send(how, said)).toBe(how === 'resolve' ? 'resolved' : 'dismissed');
    expect(story.raise({}, 15n)).toBe('repeat');
    expect(story.raise({}, 20n)).toBe('repeat');
    expect(story.raise({}, 21n)).toBe(how === 'resolve' ? 'open' : 'dismissed');
  });

  it('that lasts does not ask again after its case was dismissed, until it was gone', () => {
    const story = caseStory();
    story.raise();
    story.send('dismiss', { reason: 'the till was replaced' });
    expect(story.raise()).toBe('dismissed');
    expect(story.state()).toMatchObject({ sights: 2, closedWith: 'the till was replaced' });
    story.now += MINUTE;
    expect(story.clear()).toBe('cleared');
    expect(story.state()).toMatchObject({ closedAt: NOON, closedWith: 'the till was replaced' });
    expect(story.raise()).toBe('open');
  });

  it('seen by an event that is not later than the last word is known', () => {
    const story = caseStory();
    story.raise({}, 10n);
    expect(story.raise({}, 10n)).toBe('repeat');
    expect(story.clear(9n)).toBe('repeat');
    expect(story.clear(11n)).toBe('cleared');
    expect(story.raise({}, 11n)).toBe('repeat');
    expect(story.raise({}, 9_007_199_254_740_993n)).toBe('open');
  });

  it('of another key is never taken for this one', () => {
    const story = caseStory();
    story.raise();
    expect(story.raise({ key: 'till-8:1-2' })).toBe('other-cause');
  });
});

describe('sights of a cause that come at least once', () => {
  const deliveries = fc.array(fc.record({ isThere: fc.boolean(), back: fc.nat(6), resolve: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  });

  // Seen failing: with `isRepeat` always false (sights count twice, and an old clear closes what came back).
  it('end as when each came once, though whoever tells them goes back and tells again', () => {
    fc.assert(
      fc.property(deliveries, (sights) => {
        const told = caseStory();
        const once = caseStory();
        const tell = (story: typeof told, n: number) =>
          sights[n]!.isThere ? story.raise({}, BigInt(n)) : story.clear(BigInt(n));
        for (const [n, { back, resolve }] of sights.entries()) {
          tell(once, n);
          for (let again = Math.max(0, n - back); again <= n; again++) tell(told, again);
          if (!resolve) continue;
          for (const story of [once, told]) story.send('resolve', { resolution: 'done', asOf: String(n) });
        }
        expect(told.state()).toEqual(once.state());
        expect(told.types()).toEqual(once.types());
      }),
    );
  });
});

describe('a case that is late', () => {
  const ladder = {
    cases: [{ kind: 'sequence-gap' as const, severity: 'medium' as const, slaMinutes: 60, owner: 'shift' }],
    steps: [
      { from: 'shift', to: 'lead', slaMinutes: 20 },
      { from: 'lead', to: 'head' },
    ],
  };
  const escalate = (story: ReturnType<typeof caseStory>, level: number) => story.send('escalate', { level });

  it('goes up one step each time, never early and never twice', () => {
    const story = caseStory(ladder);
    story.raise();
    story.now += 60 * MINUTE - 1;
    expect(escalate(story, 1)).toBe('not-overdue');
    story.now += 1;
    expect(escalate(story, 2)).toBe('not-overdue');
    expect(escalate(story, 1)).toBe('open');
    expect(story.state()).toMatchObject({ level: 1, owner: 'lead', severity: 'high', dueAt: story.now + 20 * MINUTE });
    expect(escalate(story, 1)).toBe('not-overdue');
    story.now += 20 * MINUTE;
    expect(escalate(story, 2)).toBe('open');
    expect(story.state()).toMatchObject({ owner: 'head', severity: 'critical', dueAt: story.now + 60 * MINUTE });
    story.now += 60 * MINUTE;
    expect(escalate(story, 3)).toBe('open');
    expect(story.state()).toMatchObject({ owner: 'head', severity: 'critical', dueAt: undefined });
    expect(escalate(story, 4)).toBe('not-overdue');
  });

  it('with a person whom policy does not know goes where the owner of its kind would pass it', () => {
    const story = caseStory(ladder);
    story.raise();
    expect(story.send('assign', { owner: 'anna' })).toBe('assigned');
    story.now += 60 * MINUTE;
    expect(escalate(story, 1)).toBe('assigned');
    expect(story.state().owner).toBe('lead');
    story.send('assign', { owner: 'anna' });
    story.now += 60 * MINUTE;
    escalate(story, 2);
    expect(story.state().owner).toBe('head');
  });

  it('stays with the top of the ladder, whoever gave it there', () => {
    const story = caseStory(ladder);
    story.raise();
    story.send('assign', { owner: 'head' });
    story.now += 60 * MINUTE;
    escalate(story, 1);
    expect(story.state()).toMatchObject({ owner: 'head', severity: 'high', dueAt: undefined });
  });

  it('is not escalated once it is closed', () => {
    const story = caseStory(ladder);
    story.raise();
    story.send('resolve', { resolution: 'done' });
    story.now += 600 * MINUTE;
    expect(escalate(story, 1)).toBe('case-closed');
  });
});

describe('what people ask', () => {
  it('is refused for a case that is not there or closed; a comment is always taken', () => {
    const story = caseStory();
    expect(story.send('comment', { text: 'hello' })).toBe('unknown-case');
    story.raise();
    expect(story.send('comment', { text: 'looking' })).toBe('open');
    story.send('resolve', { resolution: 'done' });
    expect(story.send('assign', { owner: 'anna' })).toBe('case-closed');
    expect(story.send('retry', {})).toBe('case-closed');
    expect(story.send('dismiss', { reason: 'x' })).toBe('case-closed');
    expect(story.send('comment', { text: 'for the record' })).toBe('resolved');
    expect(story.state()).toMatchObject({ comments: 2, closedWith: 'done' });
  });

  it('retry waits for its outcome, which may come after the case was closed', () => {
    const story = caseStory();
    story.raise();
    story.send('retry', {}, 'try-1');
    expect(story.state()).toMatchObject({ retry: 'try-1', retryAskedAt: NOON });
    story.send('retry', {}, 'try-2');
    story.send('retried', { of: 'try-1', detail: 'still missing' });
    expect(story.state().retry).toBe('try-2');
    story.clear();
    expect(story.state().retry).toBeUndefined();
    expect(story.send('retried', { of: 'try-2', detail: 'it is there' })).toBe('cleared');
  });

  it.each([
    { type: 'assign', owner: 'anna the first' },
    { type: 'assign' },
    { type: 'comment', text: '' },
    { type: 'comment', text: ' \n ' },
    { type: 'comment', text: 'x'.repeat(2_001) },
    { type: 'comment', text: 'a\u0000b' },
    { type: 'comment', text: '\ud800' },
    { type: 'resolve', resolution: 'x', asOf: '1' },
    { type: 'resolve' },
    { type: 'dismiss', reason: '' },
    { type: 'raise', cause: GAP, times: 1 },
    { type: 'clear' },
    { type: 'escalate', level: 1 },
    { type: 'retried', of: 'x', detail: 'x' },
  ])('is refused at the border: %o', (fields) => {
    expect(CaseCommand.safeParse({ id: 'c-1', ...fields }).success).toBe(false);
  });
});

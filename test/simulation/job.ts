// One of the processes of `npm run simulate -- --jobs`: runs its share of the seeds and reports each to its parent.
import type { Share, Summary } from './jobs.ts';
import { PLANTS } from './plant.ts';
import { failureText } from './report.ts';
import { simulate } from './simulate.ts';

const { from, to, stride, steps, plant } = JSON.parse(process.argv[2]!) as Share;
for (let seed = from; seed <= to; seed += stride) {
  const outcome = await simulate(seed, { steps, plant: plant && PLANTS[plant] });
  const { events, marks, violations } = outcome;
  const failure = violations.length > 0 ? failureText(outcome, { steps, plant, whole: false }) : undefined;
  const summary: Summary = { seed, events, marks: [...marks.keys()], failure };
  await new Promise<void>((resolve) => process.send!(summary, () => resolve()));
}
process.disconnect?.();

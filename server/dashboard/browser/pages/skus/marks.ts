// Draws the events on the timeline: a mark on the line of on-hand for each, a line down for a change of policy, and a line
// through the one that is looked at.
import type uPlot from 'uplot';
import { type Entry, MARKS, type Mark, markOf } from './happenings.ts';

export interface Marks {
  readonly plugin: uPlot.Plugin;
  show(entries: readonly Entry[], looked: Entry | undefined): void;
}

/** px. */
const SIZE = 13;

export function createMarks(): Marks {
  let plot: uPlot | undefined;
  let shown: readonly Entry[] = [];
  let looked: Entry | undefined;
  const draw = (on: uPlot) => {
    const { ctx, bbox } = on;
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(name).trim();
    ctx.save();
    ctx.beginPath();
    // With room for a mark on the edge.
    const beside = SIZE * devicePixelRatio;
    ctx.rect(bbox.left - beside, bbox.top - beside, bbox.width + 2 * beside, bbox.height + 2 * beside);
    ctx.clip();
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.font = `${SIZE * devicePixelRatio}px sans-serif`;
    for (const entry of shown) {
      const mark = markOf(entry);
      ctx.strokeStyle = ctx.fillStyle = token(MARKS[mark][2]);
      if (mark === 'policy') line(on, entry, [4, 4]);
      else point(on, entry, mark);
    }
    if (looked !== undefined) {
      ctx.strokeStyle = token('--text');
      line(on, looked, []);
    }
    ctx.restore();
  };
  return {
    plugin: {
      hooks: {
        init(made) {
          plot = made;
        },
        destroy() {
          plot = undefined;
        },
        draw,
      },
    },
    show(entries, at) {
      [shown, looked] = [entries, at];
      plot?.redraw(false);
    },
  };
}

function point(on: uPlot, { at, onHand }: Entry, mark: Mark): void {
  on.ctx.fillText(MARKS[mark][0], placeOf(on, at), on.valToPos(onHand, 'y', true));
}

function line(on: uPlot, { at }: Entry, dash: readonly number[]): void {
  const { ctx, bbox } = on;
  const x = placeOf(on, at);
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((px) => px * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
}

function placeOf(on: uPlot, at: string): number {
  return on.valToPos(Date.parse(at) / 1_000, 'x', true);
}

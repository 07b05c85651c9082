// What must happen when this process ends, however it ends short of SIGKILL: children are killed, nothing is left.
const actions = new Set<() => void>();

process.once('exit', () => {
  for (const action of actions) action();
});

/** Answers a function that takes the action back. */
export function atExit(action: () => void): () => void {
  actions.add(action);
  return () => void actions.delete(action);
}

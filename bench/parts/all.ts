// Every part, in the order in which they run.
import type { Part } from '../part.ts';
import { actorMemory } from './actor-memory.ts';
import { actorsPart } from './actors.ts';
import { append } from './append.ts';
import { decidePart } from './decide.ts';
import { directEvenstock } from './direct-evenstock.ts';
import { directPostgres } from './direct-postgres.ts';
import { httpCeiling } from './http-ceiling.ts';
import { httpEvenstock } from './http-evenstock.ts';
import { httpPostgres } from './http-postgres.ts';
import { restart } from './restart.ts';
import { scale } from './scale.ts';

export const PARTS: readonly Part[] = [
  decidePart,
  actorsPart,
  httpCeiling,
  httpEvenstock,
  httpPostgres,
  directEvenstock,
  directPostgres,
  append,
  scale,
  actorMemory,
  restart,
];

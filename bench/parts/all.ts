// Every part, in the order in which they run.
import type { Part } from '../part.ts';
import { actorMemory } from './actor-memory.ts';
import { actorsPart } from './actors.ts';
import { append } from './append.ts';
import { auditPart } from './audit.ts';
import { decidePart } from './decide.ts';
import { directEvenstock } from './direct-evenstock.ts';
import { directPostgres } from './direct-postgres.ts';
import { http, httpAlone } from './http.ts';
import { observe } from './observe.ts';
import { ordersPart } from './orders.ts';
import { projections } from './projections.ts';
import { publishingCalls } from './publishing-calls.ts';
import { publishingIdle } from './publishing-idle.ts';
import { publishingOvertake } from './publishing-overtake.ts';
import { scale } from './scale.ts';
import { serverRestart } from './server-restart.ts';
import { tillUpload } from './till-upload.ts';

export const PARTS: readonly Part[] = [
  decidePart,
  actorsPart,
  http,
  ...httpAlone,
  directEvenstock,
  directPostgres,
  append,
  scale,
  actorMemory,
  ordersPart,
  auditPart,
  projections,
  serverRestart,
  publishingCalls,
  publishingOvertake,
  publishingIdle,
  tillUpload,
  observe,
];

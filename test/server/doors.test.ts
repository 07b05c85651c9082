// Several sockets for one address take several connections a turn, and nobody else gets the port.
import { createServer, request, type Server } from 'node:http';
import { connect, createServer as createListener } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openDoors } from '../../server/doors.ts';

const isLinux = process.platform === 'linux';
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function serverThat(answers: string): Server {
  const server = createServer((_, outgoing) => outgoing.end(answers));
  ends.push(() => server.closeAllConnections());
  return server;
}

async function open(server: Server, count: number, port = 0) {
  const doors = await openDoors(server, { host: '127.0.0.1', port }, count);
  ends.push(doors.close);
  return doors.address.port;
}

function get(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, host: '127.0.0.1', agent: false }, async (response) =>
      resolve(Buffer.concat(await response.toArray()).toString()),
    );
    asking.on('error', reject).end();
  });
}

/** Most connections taken in one turn of the event loop, of 64 that come at once. */
async function mostInATurn(count: number): Promise<number> {
  const server = serverThat('');
  const port = await open(server, count);
  let [all, inTurn, most] = [0, 0, 0];
  server.on('connection', () => {
    all += 1;
    inTurn += 1;
    most = Math.max(most, inTurn);
  });
  for (let n = 0; n < 64; n += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    ends.push(() => socket.destroy());
  }
  while (all < 64) {
    await new Promise((resolve) => setImmediate(resolve));
    inTurn = 0;
  }
  return most;
}

test.runIf(isLinux)('through several doors several connections are taken a turn, through one door one', async () => {
  expect(await mostInATurn(1)).toBe(1);
  expect(await mostInATurn(16)).toBeGreaterThan(2);
});

test('whichever door a connection comes through, it is answered', async () => {
  const port = await open(serverThat('here'), 8);
  expect(new Set(await Promise.all(Array.from({ length: 40 }, () => get(port))))).toEqual(new Set(['here']));
});

// Seen failing without asking first: the second server shared the port, and each got half of the connections.
test.runIf(isLinux)('a port that has doors is in use, also for doors', async () => {
  const port = await open(serverThat('first'), 4);
  await expect(openDoors(serverThat('second'), { host: '127.0.0.1', port }, 4)).rejects.toThrow(/EADDRINUSE.*127/);
  const plain = createListener();
  const refused = new Promise((_, reject) => plain.on('error', reject));
  plain.listen(port, '127.0.0.1');
  await expect(refused).rejects.toThrow(/EADDRINUSE/);
});

// What spans of an append say of the event log: its system and, where there is only one, its server; never who signs in.
import { describe, expect, it } from 'vitest';
import { databaseOf } from '../../../server/observe/log-database.ts';

const ofServer = (url: string) => databaseOf({ kind: 'eventstoredb', url });

describe('the event log as a database', () => {
  it('goes by the names of the semantic conventions', () => {
    expect(databaseOf({ kind: 'memory' })).toEqual({});
    expect(databaseOf({ kind: 'embedded', directory: '/data' })).toEqual({ 'db.system.name': 'sqlite' });
    const local = { 'db.system.name': 'eventstoredb', 'server.address': 'localhost', 'server.port': 2113 };
    expect(ofServer('esdb://localhost:2113?tls=false')).toEqual(local);
    expect(ofServer('esdb+discover://localhost')).toEqual(local);
    expect(ofServer('esdb://[::1]:2114/')).toMatchObject({ 'server.address': '[::1]', 'server.port': 2114 });
  });

  it('names no server of several', () => {
    expect(ofServer('esdb://a:2113,b:2113,c:2113?nodePreference=leader')).toEqual({ 'db.system.name': 'eventstoredb' });
  });

  // Seen failing: with a password cut at the first @, and at the first /.
  it.each(['p', 'p%40ss', 'p@ss', 'p/ss', 'p?ss', 'p:1,q', 'p@/?:'])(
    'keeps a password to itself, even %s',
    (password) => {
      expect(ofServer(`esdb://admin:${password}@log.example:2113?tls=true`)).toEqual({
        ...{ 'db.system.name': 'eventstoredb', 'server.address': 'log.example', 'server.port': 2113 },
      });
    },
  );
});

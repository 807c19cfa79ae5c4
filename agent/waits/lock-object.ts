/** What a lock is on, in words: from the fields of PostgreSQL's LOCKTAG that its type uses. Names are known to its catalogs alone. */

export interface LockObject {
  /** `relation 16384`. */
  name: string;
  /** OID of the database to which the number belongs; undefined where it belongs to none, 0 for what all databases share. */
  database: number | undefined;
}

/** `event` is PostgreSQL's name of the lock's type, such as `relation`. */
export function lockObject([one = 0, two = 0, three = 0, four = 0]: readonly number[], event: string): LockObject {
  switch (event) {
    case 'transactionid':
      return { name: `transaction ${one}`, database: undefined };
    case 'virtualxid':
      return { name: `virtual transaction ${one}/${two}`, database: undefined };
    case 'advisory':
      return { name: `advisory ${two} ${three}`, database: one };
    case 'tuple':
      return { name: `tuple (${three},${four}) of relation ${two}`, database: one };
    case 'page':
      return { name: `page ${three} of relation ${two}`, database: one };
    case 'relation':
    case 'extend':
      return { name: `relation ${two}`, database: one };
    default:
      return { name: [one, two, three, four].join(' '), database: undefined };
  }
}

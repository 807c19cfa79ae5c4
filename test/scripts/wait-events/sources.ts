/** Small sources in the forms that PostgreSQL 14 to 19 have, with invented events. */
import type { SourceTree } from '../../../scripts/wait-events/source.js';

type Files = Record<string, string>;

export function treeOf(files: Files): SourceTree {
  return { read: (path) => files[path] };
}

const CLASSES = `
#define PG_WAIT_LWLOCK    0x01000000U
#define PG_WAIT_LOCK      0x03000000U
#define PG_WAIT_EXTENSION 0x07000000U
#define PG_WAIT_IO        0x0A000000U
`;

const TYPES = `
  case PG_WAIT_LWLOCK:
    event_type = "LWLock";
    break;
  case PG_WAIT_LOCK:
    event_type = "Lock";
    break;
  case PG_WAIT_EXTENSION:
    event_type = "Extension";
    break;
  case PG_WAIT_IO:
    event_type = "IO";
    break;
`;

const LOCKS = `
const char *const LockTagTypeNames[] = {
  "relation", /* whole */
  "page",
};
`;

const TRANCHES = `
typedef enum BuiltinTrancheIds
{
  LWTRANCHE_ONE = NUM_INDIVIDUAL_LWLOCKS,
  LWTRANCHE_TWO, /* the second, of two */
  LWTRANCHE_FIRST_USER_DEFINED
} BuiltinTrancheIds;
`;

export const enumerated: Files = {
  'configure.ac': 'AC_INIT([PostgreSQL], [16.9], [bugs@example.org])\n',
  'src/include/utils/wait_event.h': `${CLASSES}
/* an enum of { all } events */
typedef enum
{
  WAIT_EVENT_B = PG_WAIT_IO,
  WAIT_EVENT_A, /* not in order, with = signs */
  WAIT_EVENT_APPENDED
} WaitEventIO;
`,
  'src/backend/utils/activity/wait_event.c': `${TYPES}
  case PG_WAIT_EXTENSION:
    event_name = "Extension";
    break;
  case WAIT_EVENT_A:
    event_name = "FirstByName";
    break;
  case WAIT_EVENT_B:
    event_name = "FirstByNumber";
    break;
  case WAIT_EVENT_APPENDED:
    event_name = "Appended";
    break;
`,
  'src/backend/utils/adt/lockfuncs.c': LOCKS,
  'src/backend/storage/lmgr/lwlocknames.txt': '# 0 is available\nShmemIndexLock 1\n# 2 was taken\nXidGenLock\t\t3\n',
  'src/include/storage/lwlock.h': TRANCHES,
  'src/backend/storage/lmgr/lwlock.c': `
static const char *const BuiltinTrancheNames[] = {
  /* LWTRANCHE_ONE: */
  "One",
  /* LWTRANCHE_TWO: */
  "Two"
};
`,
};

export const listed: Files = {
  'configure.ac': 'AC_INIT([PostgreSQL], [18.4], [bugs@example.org])\n',
  'src/include/utils/wait_event.h': '#include "utils/wait_classes.h"\n',
  'src/include/utils/wait_classes.h': CLASSES,
  'src/backend/utils/activity/wait_event.c': TYPES,
  'src/backend/utils/activity/wait_event_names.txt': `# Section: none
Section: ClassName - WaitEventIO

WAL_READ\t"Waiting."
WALSENDER_READ\t"Waiting, too."
# a comment
AIO_IO_SUBMIT\t"Waiting."
AIO_IO_EXECUTION\t\t"Waiting."

ABI_compatibility:

ZZ_APPENDED\t"Waiting."
AA_APPENDED\t"Waiting."

Section: ClassName - WaitEventExtension

Extension\t"Waiting in an extension."

ABI_compatibility:

Section: ClassName - WaitEventLWLock

ShmemIndex\t"Not in the order of numbers."

Section: ClassName - WaitEventLock

page\t"Not in the order of numbers."
`,
  'src/backend/utils/adt/lockfuncs.c': LOCKS,
  'src/include/storage/lwlocklist.h': '/* 0 is available */\nPG_LWLOCK(1, ShmemIndex)\nPG_LWLOCK(3, XidGen)\n',
  'src/include/storage/lwlock.h': TRANCHES,
  'src/backend/storage/lmgr/lwlock.c': `
static const char *const BuiltinTrancheNames[] = {
#define PG_LWLOCK(id, lockname) [id] = CppAsString(lockname),
#include "storage/lwlocklist.h"
#undef PG_LWLOCK
  [LWTRANCHE_TWO] = "Two",
  [LWTRANCHE_ONE] = "One",
};
`,
};

// SPDX-License-Identifier: Apache-2.0
/* PostgreSQL's numbers of what a session is at, which differ by version, and the names that pg_stat_activity shows. */
#include "layout.h"

const char *const backend_state_names[BACKEND_STATES] = {
	"idle", "active", "idle in transaction", "fastpath function call", "idle in transaction (aborted)", "disabled",
};

int backend_state_index(const struct backend_states *states, int state)
{
	const int8_t numbers[BACKEND_STATES] = {states->idle,	  states->running,	   states->idle_in_transaction,
						states->fastpath, states->idle_in_aborted, states->disabled};

	for (int i = 0; i < BACKEND_STATES; i++)
		if (numbers[i] == state)
			return i;
	return -1;
}

const char *backend_state_name(const struct backend_states *states, int state)
{
	int index = backend_state_index(states, state);

	return index < 0 ? "unknown" : backend_state_names[index];
}

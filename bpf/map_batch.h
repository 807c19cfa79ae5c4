// SPDX-License-Identifier: Apache-2.0
/* Reads a hash map of the kernel whole. */
#ifndef PGSCOPE_MAP_BATCH_H
#define PGSCOPE_MAP_BATCH_H

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for some of a map's entries; one is `key_size` and `value_size` bytes. */
struct map_batch {
	void *keys, *values;
	size_t key_size, value_size;
	uint32_t capacity;
};

/*
 * Calls `add` for each entry. 0, or the error that has left it incomplete; -ENOMEM: `add` has returned something
 * else than 0. An entry that is added meanwhile may be left out, and none is given twice.
 */
static inline int map_each(int map, const struct map_batch *batch, int (*add)(const void *key, const void *value))
{
	uint64_t position = 0;
	bool first = true;
	int code = 0;

	while (!code) {
		uint32_t count = batch->capacity;

		code = bpf_map_lookup_batch(map, first ? NULL : &position, &position, batch->keys, batch->values,
					    &count, NULL);
		if (code && code != -ENOENT) /* -ENOENT: these are the last ones */
			return code;
		first = false;
		for (uint32_t i = 0; i < count; i++)
			if (add((const char *)batch->keys + i * batch->key_size,
				(const char *)batch->values + i * batch->value_size))
				return -ENOMEM;
	}
	return 0;
}

#endif

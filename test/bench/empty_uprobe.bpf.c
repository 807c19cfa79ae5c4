// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/* What one trap costs at the least: a program that does nothing. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe.multi")
int empty_multi(void *ctx)
{
	return 0;
}

/* Before Linux 6.6. */
SEC("uprobe")
int empty_single(void *ctx)
{
	return 0;
}

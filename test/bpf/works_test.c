// SPDX-License-Identifier: Apache-2.0
/* What an autovacuum worker may say of its work, and that nothing else is told. */
#include "../../bpf/tracer.h"
#include "../../bpf/works.h"
#include "check.h"

static struct attached_target target = {.name = "t", .index = 1, .server.layout.verified = true};
static struct attached_target other = {.name = "o", .index = 2, .server.layout.verified = true};

static const char *told(uint64_t number, const char *text)
{
	work_remember(&target, FINGERPRINT_AUTOVACUUM | number, text, strlen(text));
	return work_find(&target, FINGERPRINT_AUTOVACUUM | number);
}

static void tells_what_autovacuum_does(void)
{
	CHECK_TEXT(told(1, "autovacuum: VACUUM public.accounts"), "VACUUM public.accounts");
	CHECK_TEXT(told(2, "autovacuum: VACUUM ANALYZE s.t"), "VACUUM ANALYZE s.t");
	CHECK_TEXT(told(3, "autovacuum: ANALYZE s.t"), "ANALYZE s.t");
	CHECK_TEXT(told(4, "autovacuum: VACUUM s.t (to prevent wraparound)"), "VACUUM s.t (to prevent wraparound)");
	CHECK_TEXT(told(5, "autovacuum: VACUUM s.t12"), "VACUUM s.t12");
	/* a table has many ranges of blocks */
	CHECK_TEXT(told(6, "autovacuum: BRIN summarize s.t 12345"), "BRIN summarize s.t");
	CHECK(!work_find(&other, FINGERPRINT_AUTOVACUUM | 1));
}

static void tells_nothing_else(void)
{
	CHECK(!told(10, "select 'secret'"));
	CHECK(!told(11, "autovacuum: select 'secret'"));
	CHECK(!told(12, "VACUUM public.accounts"));
	CHECK(!told(13, "autovacuum: "));
	CHECK(!told(14, ""));
	CHECK(!work_find(&target, 1)); /* another kind of series */
	target.server.layout.verified = false;
	CHECK(!told(15, "autovacuum: VACUUM public.accounts"));
	target.server.layout.verified = true;
}

static void keeps_the_newest(void)
{
	char text[64], longest[400] = "autovacuum: VACUUM ";

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "autovacuum: VACUUM public.t%d", i);
		CHECK(told(1000 + i, text));
	}
	CHECK(!work_find(&target, FINGERPRINT_AUTOVACUUM | 1000));
	CHECK_TEXT(work_find(&target, FINGERPRINT_AUTOVACUUM | 1999), "VACUUM public.t999");
	memset(longest + strlen(longest), 'x', sizeof(longest) - strlen(longest) - 1);
	CHECK_EQUAL(strlen(told(5000, longest)), 191);
	works_forget(&target);
	CHECK(!work_find(&target, FINGERPRINT_AUTOVACUUM | 1999));
}

int main(void)
{
	tells_what_autovacuum_does();
	tells_nothing_else();
	keeps_the_newest();
	return CHECK_DONE();
}

/* SPDX-License-Identifier: ISC */
/* Routes in the log. */
#include "rde/log_route.h"

#include "common/attr/attr.h"
#include "common/env.h"
#include "common/wire/update.h"
#include "rde/engine.h"

static void
log_at(const struct log *log, enum log_level level, const char *line)
{
	if (level == LOG_LEVEL_DEBUG)
		log_debug(log, "%s", line);
	else
		log_info(log, "%s", line);
}

void
log_route(const struct rde *rde, const struct rpeer *p, enum log_level level,
    const char *topic, const char *verb, const struct nlri *n,
    const struct addr *nexthop)
{
	char label[128], via[ADDR_TEXT_MAX];
	struct wr text;

	buf_writer_growing(&text, 65536);
	if (topic != NULL)
		buf_put_format(&text, "%s: ", topic);
	buf_put_format(&text, "%s: %s ", rpeer_label(p, label, sizeof(label)),
	    verb);
	nlri_text(n, &text);
	if (nexthop != NULL)
		buf_put_format(&text, " via %s", addr_print(nexthop, via,
		    sizeof(via)));
	buf_put_u8(&text, 0);
	if (text.err == 0)
		log_at(&rde->env->log, level, (const char *)text.base);
	buf_free(&text);
}

static void
log_run(const struct rde *rde, const char *label, const char *what,
    const struct update_run *run)
{
	char hex[LOG_HEX_MAX];

	if (!run->is_present || run->family == NULL || buf_left(&run->run) == 0)
		return;
	log_debug(&rde->env->log, "parser: %s: %s %s %s", label,
	    run->family->name, what, log_hex(run->run.pos,
	    buf_left(&run->run), hex, sizeof(hex)));
}

void
log_parsed(const struct rde *rde, const struct rpeer *p,
    const struct update *u)
{
	char hex[LOG_HEX_MAX], label[128];
	const struct attr_row *row;
	struct rd block = u->attrs;
	struct attr a;

	rpeer_label(p, label, sizeof(label));
	while (buf_left(&block) > 0 && attr_next(&block, &a) == 0) {
		row = attr_find(a.code);
		log_debug(&rde->env->log, "parser: %s: attribute %s, "
		    "code %u, flags 0x%02x, %zu bytes %s", label,
		    row == NULL ? "unknown" : row->name, a.code, a.flags,
		    buf_left(&a.value), log_hex(a.value.pos,
		    buf_left(&a.value), hex, sizeof(hex)));
	}
	log_run(rde, label, "withdrawn", &u->withdrawn);
	log_run(rde, label, "withdrawn", &u->mp_unreach);
	log_run(rde, label, "NLRI", &u->nlri);
	log_run(rde, label, "NLRI", &u->mp_reach);
}

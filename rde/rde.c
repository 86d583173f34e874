/* SPDX-License-Identifier: ISC */
/*
 * The engine's life: channels, messages, and the one task that does all long
 * work. Order of a turn: the rest of input that was cut, configuration's
 * consequences, decisions, what goes out, queries. Nobody takes more than
 * the turn's budget; what is left goes on in the next turn.
 */
#include "rde/rde.h"

#include "common/config.h"
#include "common/env.h"
#include "rde/engine.h"
#include "rde/flow.h"
#include "rde/group.h"
#include "rde/impact.h"
#include "rde/monitor.h"
#include "rde/query.h"
#include "rde/rib.h"
#include "rde/stale.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET_CHECK	128		/* operations between looks at the clock */
#define CONF_BYTES_MAX	(1u << 30)
#define SCRATCH_MAX	(1u << 20)

/* One kind of long work; true when it has nothing left to do now. */
typedef bool (*rde_step)(struct rde *, struct budget *);

static void	rde_on_message(struct chan *, struct imsg *, void *);
static void	rde_on_closed(struct chan *, const char *, void *);
static void	rde_on_drained(struct chan *, void *);
static void	rde_work(void *);

static const rde_step rde_steps[] = {
	rde_session_continue,
	rde_api_continue,
	rib_sweep_run,
	knet_run,
	validate_run,
	nexthop_run,
	rib_refilter_run,
	flow_run,
	rib_decide_run,
	fib_run,
	group_run,
	orig_out_run,
	query_run,
	impact_run,
	told_run,
	rib_index_run,
};

#define N_STEPS	(sizeof(rde_steps) / sizeof(rde_steps[0]))

void
budget_start(struct budget *b, struct loop *loop)
{
	*b = (struct budget){
		.loop = loop, .ops = RDE_TURN_OPS,
		.check = RDE_TURN_OPS - BUDGET_CHECK,
		.deadline = mono_add_usec(loop_now(loop), RDE_TURN_USEC),
	};
}

bool
budget_spend(struct budget *b, unsigned n)
{
	b->ops = n < b->ops ? b->ops - n : 0;
	if (b->ops > b->check)
		return true;
	b->check = b->ops < BUDGET_CHECK ? 0 : b->ops - BUDGET_CHECK;
	if (mono_diff_usec(b->deadline, loop_now(b->loop)) <= 0)
		b->ops = b->check = 0;
	return b->ops != 0;
}

void
rde_schedule(struct rde *rde)
{
	loop_task_schedule(&rde->work);
}

uint32_t
rde_age(struct rde *rde)
{
	return rde->age_sec;
}

struct table *
rde_table(struct rde *rde, const struct nlri_family *family)
{
	struct table **t = &rde->tables[family->id];

	if (*t == NULL) {
		*t = malloc(sizeof(**t));
		if (*t == NULL)
			err(1, "rde");
		table_init(*t, family, &rde->attrsets, rde->seed);
	}
	return *t;
}

static struct chan *
rde_chan(struct rde *rde, int handle, enum imsg_proc other)
{
	struct chan_handler h = {
		.on_message = rde_on_message, .on_closed = rde_on_closed,
		.on_drained = rde_on_drained, .arg = rde,
	};

	return chan_new(rde->env, handle, PROC_RDE, other, &h);
}

static void
rde_on_timer(void *arg)
{
	rde_schedule(arg);
}

static void
rde_scratch_init(struct rde *rde)
{
	buf_writer_growing(&rde->conf_bytes, CONF_BYTES_MAX);
	buf_writer_growing(&rde->key, SCRATCH_MAX);
	buf_writer_growing(&rde->block, SCRATCH_MAX);
	buf_writer_growing(&rde->decoded, SCRATCH_MAX);
	buf_writer_growing(&rde->reply, SCRATCH_MAX);
	outbox_init(&rde->outbox);
}

struct rde *
rde_new(struct env *env, int parent_handle)
{
	struct rde *rde = calloc(1, sizeof(*rde));

	if (rde == NULL)
		err(1, "rde");
	rde->env = env;
	rde->seed = (uint64_t)env->random(env) << 32;
	rde->seed |= env->random(env);
	rde->start = loop_now(env->loop);
	attrset_init(&rde->attrsets, rde->seed ^ UINT64_C(0x5bd1e995));
	map_init(&rde->peers_by_id);
	rde_scratch_init(rde);
	rde->peers = calloc(1, sizeof(struct rpeer *));
	if (rde->peers == NULL)
		err(1, "rde");
	rde->n_peers = 1;
	rib_init(rde);
	loop_task_init(&rde->work, env->loop, rde_work, rde);
	loop_timer_init(&rde->timer, env->loop, rde_on_timer, rde);
	rde->parent = rde_chan(rde, parent_handle, PROC_PARENT);
	chan_send(rde->parent, IMSG_READY, 0, NULL, 0);
	return rde;
}

void
rde_free(struct rde *rde)
{
	struct sync_request *s;
	uint32_t i;

	chan_free(rde->parent);
	chan_free(rde->sess);
	chan_free(rde->api);
	loop_task_fini(&rde->work);
	loop_timer_fini(&rde->timer);
	refill_fini(rde);
	rde_handover_fini(rde);
	while ((s = rde->syncs) != NULL) {
		rde->syncs = s->next;
		free(s);
	}
	query_drop_all(rde);
	monitor_fini(rde);
	impact_drop(rde, NULL);
	group_fini(rde);
	for (i = 1; i < rde->n_peers; i++) {
		if (rde->peers[i] != NULL)
			rpeer_free(rde, rde->peers[i]);
	}
	rib_fini(rde);
	free(rde->peers);
	map_fini(&rde->peers_by_id);
	for (i = 0; i < NLRI_N_FAMILIES; i++) {
		if (rde->tables[i] != NULL)
			table_fini(rde->tables[i]);
		free(rde->tables[i]);
	}
	for (i = 0; i < rde->n_audiences; i++)
		free(rde->audiences[i].peers);
	free(rde->audiences);
	job_fini(&rde->sess_job);
	job_fini(&rde->api_job);
	attrset_fini(&rde->attrsets);
	outbox_fini(&rde->outbox);
	ifaddr_fini(&rde->ifaddrs);
	buf_free(&rde->conf_bytes);
	buf_free(&rde->key);
	buf_free(&rde->block);
	buf_free(&rde->decoded);
	buf_free(&rde->reply);
	if (rde->conf != NULL)
		config_free(rde->conf);
	free(rde);
}

/* All work that has been waiting, one turn of it. */
static void
rde_work(void *arg)
{
	struct rde *rde = arg;
	struct budget b;
	bool is_done = true;
	size_t i;

	budget_start(&b, rde->env->loop);
	rde->age_sec = (uint32_t)mono_diff_sec(b.deadline, rde->start);
	for (i = 0; i < N_STEPS; i++) {
		if (!rde_steps[i](rde, &b))
			is_done = false;
	}
	outbox_flush(&rde->outbox);
	monitor_flush(rde);
	rde_api_answer_syncs(rde);
	/* What a turn's end has cut is input of the next. */
	rde->had_input = rde->sess_job.is_active || rde->api_job.is_active;
	if (!is_done)
		rde_schedule(rde);
	rde_handover_check(rde);
}

/* A channel to another worker arrived: it replaces an older one. */
static void
rde_take_chan(struct rde *rde, struct imsg *m)
{
	struct chan **slot = m->id == PROC_SESSION ? &rde->sess :
	    m->id == PROC_API ? &rde->api : NULL;

	if (slot == NULL)
		return;
	if (*slot != NULL)
		rde_on_closed(*slot, "replaced", rde);
	*slot = rde_chan(rde, m->fd, (enum imsg_proc)m->id);
	if (m->id == PROC_API)
		rde->is_api_waiting = false;
	m->fd = -1;
	if (m->id == PROC_SESSION) {
		rde->outbox.chan = rde->sess;
		validate_forget(rde);
		stale_new_session_engine(rde);
	}
}

static void
rde_parent_message(struct rde *rde, struct imsg *m)
{
	switch (m->type) {
	case IMSG_IMPACT_BEGIN:
	case IMSG_IMPACT_DATA:
	case IMSG_IMPACT_END:
		impact_message(rde, m);
		break;
	case IMSG_CONF_BEGIN:
	case IMSG_CONF_DATA:
	case IMSG_CONF_END:
		rde_conf_message(rde, m);
		break;
	case IMSG_LOCAL_ADDRS:
		ifaddr_message(rde, m);
		break;
	case IMSG_CHAN:
		rde_take_chan(rde, m);
		break;
	case IMSG_KROUTE_STATE:
		nexthop_enable(rde, m->data[0] != 0);
		fib_follow(rde, m->data[0] != 0);
		break;
	case IMSG_KROUTE_RESEND:
		fib_resend(rde, m->id);
		break;
	case IMSG_KROUTE_DONE:
		fib_done(rde, m);
		break;
	case IMSG_KROUTE_NETWORK:
		knet_message(rde, m);
		break;
	case IMSG_NEXTHOP_UPDATE:
		nexthop_message(rde, m);
		break;
	case IMSG_LOG_LEVEL:
		rde->env->log.max_level = m->data[0] ? LOG_LEVEL_DEBUG :
		    LOG_LEVEL_INFO;
		break;
	case IMSG_HANDOVER:
		rde_handover_begin(rde);
		break;
	case IMSG_RESTORE:
		rde_handover_restore(rde, m);
		break;
	case IMSG_STOP:
		chan_send(rde->parent, IMSG_STOPPED, 0, NULL, 0);
		break;
	default:
		break;
	}
}

static void
rde_on_message(struct chan *c, struct imsg *m, void *arg)
{
	struct rde *rde = arg;

	rde->had_input = true;
	switch (chan_other(c)) {
	case PROC_PARENT:
		rde_parent_message(rde, m);
		break;
	case PROC_SESSION:
		rde_session_message(rde, m);
		break;
	case PROC_API:
		rde_api_message(rde, m);
		break;
	default:
		break;
	}
	rde_schedule(rde);
}

static void
rde_on_closed(struct chan *c, const char *why, void *arg)
{
	struct rde *rde = arg;

	if (c == rde->parent) {
		log_info(&rde->env->log, "channel to parent: %s", why);
		loop_stop(rde->env->loop);
		return;
	}
	log_warn(&rde->env->log, "channel to %s: %s",
	    imsg_proc_name(chan_other(c)), why);
	if (c == rde->sess) {
		rde->sess = rde->outbox.chan = NULL;
		rde->sess_job.is_active = false;
	} else if (c == rde->api) {
		query_drop_all(rde);
		impact_drop(rde, NULL);
		rde->api = NULL;
		rde->api_job.is_active = false;
	}
	chan_free(c);
}

static void
rde_on_drained(struct chan *c, void *arg)
{
	(void)c;
	rde_schedule(arg);
}

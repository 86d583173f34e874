/* SPDX-License-Identifier: ISC */
/* What is valid, and looking again when that changes. */
#include "rde/validate.h"

#include "common/attr/attr.h"
#include "common/bgp.h"
#include "common/config.h"
#include "common/env.h"
#include "common/rtr_delta.h"
#include "rde/engine.h"
#include "rde/monitor.h"
#include "rde/rib.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_SLICE	256
#define EXPIRE_MIN_SEC	60	/* between looks at what expired */

/* Tables of prefixes, in which origins mean something. */
static const uint8_t validate_families[] = {
	NLRI_IPV4_UNICAST, NLRI_IPV6_UNICAST, NLRI_IPV4_MULTICAST,
	NLRI_IPV6_MULTICAST,
};

#define N_FAMILIES	(sizeof(validate_families))

static void	validate_expire(void *);

static struct validate *
validate_of(struct rde *rde)
{
	return &rde->rib->validate;
}

void
validate_init(struct rde *rde)
{
	struct validate *v = validate_of(rde);

	rov_init(&v->rov, rde->seed ^ UINT64_C(0x726f76));
	aspa_init(&v->aspa, rde->seed ^ UINT64_C(0x61737061));
	loop_timer_init(&v->timer, rde->env->loop, validate_expire, rde);
}

void
validate_fini(struct rde *rde)
{
	struct validate *v = validate_of(rde);

	loop_timer_fini(&v->timer);
	rov_fini(&v->rov);
	aspa_fini(&v->aspa);
	free(v->memo);
	free(v->queue);
}

static void
pass_ask(struct rde *rde)
{
	struct validate_pass *p = &validate_of(rde)->pass;

	p->is_again = p->is_on;
	p->is_on = true;
	rde_schedule(rde);
}

static void
queue_prefix(void *arg, const struct prefix *prefix)
{
	struct rde *rde = arg;
	struct validate *v = validate_of(rde);

	v->rov_changed = loop_now(rde->env->loop);
	if (v->pass.is_again || (v->pass.is_on && v->pass.family == 0 &&
	    v->pass.id == 0))
		return;		/* all will be looked at */
	if (v->n_queue == VALIDATE_QUEUE_MAX) {
		v->n_queue = 0;
		v->is_walking = false;
		pass_ask(rde);
		return;
	}
	if (v->n_queue == v->cap_queue) {
		v->cap_queue = v->cap_queue == 0 ? 64 : v->cap_queue * 2;
		v->queue = reallocarray(v->queue, v->cap_queue,
		    sizeof(*v->queue));
		if (v->queue == NULL)
			err(1, "validate");
	}
	v->queue[v->n_queue++] = *prefix;
	rde_schedule(rde);
}

static void
aspa_was_changed(struct rde *rde)
{
	validate_of(rde)->aspa_changed = loop_now(rde->env->loop);
	pass_ask(rde);
}

/*
 * Configuration, and its expiry.
 */
static int64_t
sooner(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static void
validate_apply(struct rde *rde)
{
	struct validate *v = validate_of(rde);
	int64_t now = rde->env->wall_usec(rde->env) / 1000000;
	int64_t next, next_aspa;

	next = rov_configure(&v->rov, rde->conf, now, queue_prefix, rde);
	if (aspa_configure(&v->aspa, rde->conf, now, &next_aspa))
		aspa_was_changed(rde);
	next = sooner(next, next_aspa);
	loop_timer_clear(&v->timer);
	if (next == 0)
		return;
	next -= now;
	loop_timer_set_after_usec(&v->timer, (next < EXPIRE_MIN_SEC ?
	    EXPIRE_MIN_SEC : next) * MONO_USEC_PER_SEC);
}

static void
validate_expire(void *arg)
{
	validate_apply(arg);
}

void
validate_configure(struct rde *rde)
{
	struct validate *v = validate_of(rde);
	const struct conf_rule *r;
	size_t i;

	v->out_uses = false;
	for (i = 0; i < rde->conf->n_rules; i++) {
		r = &rde->conf->rules[i];
		if (r->direction == RULE_TO && (r->ovs != 0 || r->avs != 0))
			v->out_uses = true;
	}
	validate_apply(rde);
}

/*
 * RPKI caches.
 */
static void
take_vrps(struct rde *rde, struct rd r)
{
	struct validate *v = validate_of(rde);
	struct rtr_delta_vrp d;

	while (buf_left(&r) > 0) {
		if (rtr_delta_get_vrp(&r, &d) != 0) {
			log_warn(&rde->env->log, "session engine: malformed "
			    "VRPs");
			return;
		}
		if (rov_set(&v->rov, &d.prefix, d.max_len, d.asn, ROV_RTR,
		    d.is_announce))
			queue_prefix(rde, &d.prefix);
	}
}

static void
take_aspas(struct rde *rde, struct rd r)
{
	struct validate *v = validate_of(rde);
	uint32_t list[RTR_DELTA_PROVIDERS_MAX], i;
	struct rtr_delta_aspa d;
	bool is_changed = false;

	while (buf_left(&r) > 0) {
		if (rtr_delta_get_aspa(&r, &d) != 0 ||
		    d.n_providers > RTR_DELTA_PROVIDERS_MAX) {
			log_warn(&rde->env->log, "session engine: malformed "
			    "ASPA records");
			break;
		}
		for (i = 0; i < d.n_providers; i++)
			list[i] = buf_get_u32(&d.providers);
		is_changed |= aspa_set(&v->aspa, d.customer, ASPA_RTR, list,
		    d.n_providers);
	}
	if (is_changed)
		aspa_was_changed(rde);
}

void
validate_message(struct rde *rde, const struct imsg *m)
{
	if (m->type == IMSG_VRP_DELTA)
		take_vrps(rde, buf_reader(m->data, m->len));
	else
		take_aspas(rde, buf_reader(m->data, m->len));
}

void
validate_forget(struct rde *rde)
{
	struct validate *v = validate_of(rde);
	struct rov_vrp r;
	bool is_changed = false;
	uint32_t i;

	for (i = 0; i < v->rov.n_vrps; i++) {
		r = v->rov.vrps[i];
		if ((r.sources & ROV_RTR) && rov_set(&v->rov, &r.prefix,
		    r.max_len, r.asn, ROV_RTR, false))
			queue_prefix(rde, &r.prefix);
	}
	for (i = 0; i < v->aspa.n_records; i++)
		is_changed |= aspa_set(&v->aspa, v->aspa.records[i].customer,
		    ASPA_RTR, NULL, 0);
	if (is_changed)
		aspa_was_changed(rde);
}

/*
 * The states of a path.
 */
static struct aspa_states
memo_states(struct rde *rde, uint32_t attr)
{
	struct validate *v = validate_of(rde);
	const struct attrset *a = attrset_at(&rde->attrsets, attr);
	struct validate_memo *m;
	struct attr path;

	if (v->memo == NULL) {
		v->memo = calloc(VALIDATE_MEMO, sizeof(*v->memo));
		if (v->memo == NULL)
			err(1, "validate");
	}
	m = &v->memo[a->serial & (VALIDATE_MEMO - 1)];
	if (m->attr_serial == a->serial && m->aspa_serial == v->aspa.serial)
		return m->states;
	if (!attr_get(attrset_block(a), ATTR_AS_PATH, &path))
		path.value = buf_reader(NULL, 0);
	*m = (struct validate_memo){
		.attr_serial = a->serial, .aspa_serial = v->aspa.serial,
		.states = aspa_verify(&v->aspa, path.value),
	};
	return m->states;
}

/*
 * By our role: what a provider sends may go down behind its top, what others
 * send must go up all the way. Without a role nobody knows.
 */
static uint8_t
path_avs(struct rde *rde, const struct rpeer *p, uint32_t attr)
{
	if (!p->is_ebgp || p->conf == NULL ||
	    validate_of(rde)->aspa.n_true == 0)
		return ROV_NOT_FOUND;
	switch (p->conf->role) {
	case ROLE_CUSTOMER:
		return memo_states(rde, attr).down;
	case ROLE_PROVIDER:
	case ROLE_PEER:
	case ROLE_RS:
	case ROLE_RS_CLIENT:
		return memo_states(rde, attr).up;
	default:
		return ROV_NOT_FOUND;
	}
}

uint16_t
validate_path(struct rde *rde, const struct rpeer *p, const struct table *t,
    const struct prefix *prefix, uint32_t attr)
{
	unsigned ovs, avs = ROV_NOT_FOUND;

	if (prefix->addr.family == ADDR_NONE)
		return 0;
	ovs = rov_state(&validate_of(rde)->rov, prefix,
	    attrset_at(&rde->attrsets, attr)->source_as);
	if (t->family->safi == SAFI_UNICAST)
		avs = path_avs(rde, p, attr);
	return (uint16_t)(ovs << PATH_OVS_SHIFT | avs << PATH_AVS_SHIFT);
}

/*
 * Looking again.
 */
static bool
pass_run(struct rde *rde, struct budget *b)
{
	struct validate_pass *p = &validate_of(rde)->pass;
	struct table *t;

	for (; p->family < N_FAMILIES; p->family++, p->id = 0) {
		t = rde->tables[validate_families[p->family]];
		while (t != NULL && p->id < t->n_ids) {
			if (table_is_used(t, p->id))
				rib_revalidate(rde, t, p->id);
			p->id++;
			if (!budget_spend(b, 2))
				return false;
		}
	}
	p->family = 0;
	p->id = 0;
	p->is_on = p->is_again;
	p->is_again = false;
	return !p->is_on;
}

static bool
prefix_key(struct rde *rde, const struct table *t, const struct prefix *p,
    struct table_key *out)
{
	struct nlri nlri = { .family = t->family };
	uint8_t bytes[17];
	struct wr w;

	buf_writer(&w, bytes, sizeof(bytes));
	nlri_put_prefix(p, &w);
	nlri.bytes = bytes;
	nlri.len = w.len;
	return table_key(t, &nlri, &rde->key, out);
}

/* A slice of the records under a prefix; true at the end of them. */
static bool
walk_table(struct rde *rde, struct table *t, const struct prefix *p,
    struct budget *b)
{
	struct validate *v = validate_of(rde);
	struct table_key k;
	struct index_pos pos;
	uint32_t id;

	if (t == NULL || t->addr_len != addr_len(p->addr.family) ||
	    !prefix_key(rde, t, p, &k))
		return true;
	while (!table_index(t, INDEX_SLICE))
		if (!budget_spend(b, INDEX_SLICE))
			return false;
	id = table_seek(t, v->has_key ? &v->key : &k, &pos);
	for (; id != TABLE_ID_NONE && table_is_inside(t, id, &k);
	    id = table_next(t, &pos)) {
		table_key_of(t, id, &v->key);
		v->has_key = true;
		if (!budget_spend(b, 4))
			return false;
		rib_revalidate(rde, t, id);
	}
	return true;
}

bool
validate_run(struct rde *rde, struct budget *b)
{
	struct validate *v = validate_of(rde);

	if (monitor_is_full(rde))
		return true;	/* on_drained goes on */
	if (v->pass.is_on && !pass_run(rde, b))
		return false;
	while (v->is_walking || v->n_queue > 0) {
		if (!v->is_walking) {
			v->at = v->queue[--v->n_queue];
			v->is_walking = true;
			v->has_key = false;
			v->family = 0;
		}
		for (; v->family < N_FAMILIES; v->family++) {
			if (!walk_table(rde,
			    rde->tables[validate_families[v->family]],
			    &v->at, b))
				return false;
			v->has_key = false;
		}
		v->is_walking = false;
		if (!budget_spend(b, 1))
			return v->n_queue == 0;
	}
	return true;
}

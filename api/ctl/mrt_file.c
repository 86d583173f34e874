/* SPDX-License-Identifier: ISC */
/*
 * An MRT file, a record at a time: what is in memory is one record and what
 * was read behind it, however long the file is.
 */
#include "api/ctl/mrt.h"

#include "common/err.h"
#include "common/sandbox.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_LEN	(256u * 1024)
#define WARNINGS_MAX	10	/* broken records that are told one by one */

void
mrt_file_open(struct mrt_file *f, const char *path)
{
	*f = (struct mrt_file){ .fd = STDIN_FILENO };
	if (path != NULL) {
		f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (f->fd == -1)
			err(1, "%s", path);
	}
	mrt_scratch_init(&f->scratch);
	if (sandbox_confine("bgpctl") != 0)
		err(1, "sandbox");
}

void
mrt_file_close(struct mrt_file *f)
{
	if (f->fd != STDIN_FILENO)
		close(f->fd);
	mrt_scratch_fini(&f->scratch);
	free(f->peers);
	free(f->bytes);
}

/* Take a chunk in; false at the end of the file. */
static bool
file_fill(struct mrt_file *f)
{
	ssize_t n;

	if (f->start > 0)
		memmove(f->bytes, f->bytes + f->start, f->len - f->start);
	f->len -= f->start;
	f->start = 0;
	if (f->cap - f->len < READ_LEN) {
		f->cap = 2 * f->cap + READ_LEN;
		f->bytes = realloc(f->bytes, f->cap);
		if (f->bytes == NULL)
			err(1, NULL);
	}
	do {
		n = read(f->fd, f->bytes + f->len, f->cap - f->len);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		err(1, "read");
	f->len += (size_t)n;
	return n > 0;
}

static void
file_warn(struct mrt_file *f, const char *what)
{
	if (f->n_broken++ < WARNINGS_MAX)
		warnx("offset %" PRIu64 ": %s", f->offset, what);
}

/* Next record; false at the end, or where nothing more can be read. */
static bool
file_next(struct mrt_file *f, struct mrt_record *out)
{
	struct rd r;
	int e;

	f->offset = f->next_offset;
	for (;;) {
		r = buf_reader(f->bytes == NULL ? NULL : f->bytes + f->start,
		    f->len - f->start);
		e = mrt_next(&r, out);
		if (e != ERR_AGAIN)
			break;
		if (file_fill(f))
			continue;
		if (f->len > f->start)
			file_warn(f, "the record is cut short");
		return false;
	}
	if (e != 0) {
		file_warn(f, "this is no MRT record; nothing behind it can "
		    "be read");
		return false;
	}
	f->next_offset += f->len - f->start - buf_left(&r);
	f->start = f->len - buf_left(&r);
	f->n_records++;
	return true;
}

static void
file_take_index(struct mrt_file *f, const struct mrt_index *index)
{
	struct rd r = index->peers;
	size_t i;

	free(f->peers);
	f->n_peers = index->n_peers;
	f->peers = calloc(f->n_peers + 1, sizeof(*f->peers));
	if (f->peers == NULL)
		err(1, NULL);
	for (i = 0; i < f->n_peers; i++)
		mrt_next_peer(&r, &f->peers[i]);
}

const struct mrt_peer *
mrt_file_peer(const struct mrt_file *f, const struct mrt_rib *rib,
    const struct mrt_path *path)
{
	if (rib->has_peer)
		return &rib->peer;
	return path->peer < f->n_peers ? &f->peers[path->peer] : NULL;
}

static int
walk_index(struct mrt_file *f, const struct mrt_reader *reader,
    const struct mrt_record *record)
{
	struct mrt_index index;
	int e = mrt_read_index(record->body, &index);

	if (e != 0)
		return e;
	file_take_index(f, &index);
	if (reader->index != NULL)
		reader->index(reader->arg, &index);
	return 0;
}

static int
walk_record(struct mrt_file *f, const struct mrt_reader *reader,
    const struct mrt_record *record)
{
	enum mrt_kind kind = mrt_kind(record);
	struct mrt_message message;
	struct mrt_rib rib;
	int e;

	switch (kind) {
	case MRT_KIND_INDEX:
		return walk_index(f, reader, record);
	case MRT_KIND_RIB:
		e = mrt_read_rib(record, &rib);
		if (e == 0 && reader->rib != NULL)
			reader->rib(reader->arg, f, &rib);
		return e;
	case MRT_KIND_MESSAGE:
	case MRT_KIND_STATE:
		e = mrt_read_message(record, &message);
		if (e == 0 && reader->message != NULL)
			reader->message(reader->arg, f, record, &message);
		return e;
	case MRT_KIND_OTHER:
		break;
	}
	return ERR_UNKNOWN;
}

bool
mrt_file_walk(struct mrt_file *f, const struct mrt_reader *reader)
{
	struct mrt_record record;
	int e;

	while (!f->is_stopped && file_next(f, &record)) {
		e = walk_record(f, reader, &record);
		if (e == ERR_UNKNOWN)
			f->n_skipped++;
		else if (e != 0)
			file_warn(f, e == ERR_SHORT ? "the record is too "
			    "short for what it says is in it" :
			    e == ERR_TRAILING ? "the record is longer than "
			    "what is in it" : e == ERR_RANGE ?
			    "the record has a prefix, or addresses, that "
			    "cannot be" : "what is in the record is no BGP "
			    "message");
	}
	if (f->n_broken > WARNINGS_MAX)
		warnx("%" PRIu64 " broken records", f->n_broken);
	if (f->n_skipped > 0)
		warnx("%" PRIu64 " of %" PRIu64 " records are of types that "
		    "are not known here", f->n_skipped, f->n_records);
	return f->n_broken == 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * Cells by handle. Chunks of 1 MiB are cut into pages of 4 KiB; each page
 * holds cells of one size, and is free again when the last of them is. A
 * chunk of free pages goes back to the system while others are in store.
 * What is larger than a page takes a span of pages, which only serves
 * spans of its size after that: it is a handful of large path arrays.
 */
#include "rde/heap.h"

#include <assert.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_BYTES	((size_t)HEAP_CHUNK_UNITS * HEAP_UNIT)
#define KEEP_PAGES	(4 * HEAP_CHUNK_PAGES)	/* free ones kept in store */
#define CHUNKS_MAX	(UINT32_MAX / HEAP_CHUNK_UNITS)

void
heap_init(struct heap *h)
{
	memset(h, 0, sizeof(*h));
	h->span_page = HEAP_CHUNK_PAGES;
}

void
heap_fini(struct heap *h)
{
	uint32_t i;

	for (i = 0; i < h->n_chunks; i++) {
		if (h->chunks[i] != NULL)
			munmap(h->chunks[i], CHUNK_BYTES);
		free(h->pages[i]);
	}
	free(h->chunks);
	free(h->pages);
	free(h->n_free);
	heap_init(h);
}

static struct heap_page *
page_at(const struct heap *h, uint32_t page)
{
	return &h->pages[page / HEAP_CHUNK_PAGES][page % HEAP_CHUNK_PAGES];
}

/* Lists of pages; 0 ends them, since page 0 is never given. */
static void
page_push(struct heap *h, uint32_t *list, uint32_t page)
{
	struct heap_page *p = page_at(h, page);

	p->prev = 0;
	p->next = *list;
	if (*list != 0)
		page_at(h, *list)->prev = page;
	*list = page;
}

static void
page_unlink(struct heap *h, uint32_t *list, uint32_t page)
{
	struct heap_page *p = page_at(h, page);

	if (p->prev != 0)
		page_at(h, p->prev)->next = p->next;
	else
		*list = p->next;
	if (p->next != 0)
		page_at(h, p->next)->prev = p->prev;
}

static void
page_release(struct heap *h, uint32_t page)
{
	page_at(h, page)->class = 0;
	page_push(h, &h->free_pages, page);
	h->n_free[page / HEAP_CHUNK_PAGES]++;
	h->n_free_pages++;
}

static uint32_t
page_take(struct heap *h)
{
	uint32_t page = h->free_pages;

	page_unlink(h, &h->free_pages, page);
	h->n_free[page / HEAP_CHUNK_PAGES]--;
	h->n_free_pages--;
	return page;
}

static void *
grown(void *array, uint32_t n, size_t size)
{
	array = reallocarray(array, n, size);
	if (array == NULL)
		err(1, "heap");
	return array;
}

/* A slot for a chunk: one that was given back, or a new one. */
static uint32_t
chunk_slot(struct heap *h)
{
	uint32_t i;

	for (i = 0; h->n_live < h->n_chunks && i < h->n_chunks; i++) {
		if (h->chunks[i] == NULL)
			return i;
	}
	if (h->n_chunks >= CHUNKS_MAX)
		errx(1, "heap: more than 64 GiB");
	i = h->n_chunks++;
	if ((i & (i - 1)) == 0) {
		uint32_t n = i == 0 ? 1 : i * 2;

		h->chunks = grown(h->chunks, n, sizeof(*h->chunks));
		h->pages = grown(h->pages, n, sizeof(*h->pages));
		h->n_free = grown(h->n_free, n, sizeof(*h->n_free));
	}
	h->pages[i] = NULL;
	return i;
}

static uint32_t
chunk_new(struct heap *h)
{
	uint32_t i = chunk_slot(h);
	void *chunk = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (chunk == MAP_FAILED)
		err(1, "heap");
	h->chunks[i] = chunk;
	h->n_free[i] = 0;
	h->pages[i] = grown(h->pages[i], HEAP_CHUNK_PAGES,
	    sizeof(**h->pages));
	memset(h->pages[i], 0, HEAP_CHUNK_PAGES * sizeof(**h->pages));
	h->n_live++;
	return i;
}

/* Make a chunk's pages free ones. Handle 0 means none: page 0 is kept. */
static void
heap_grow(struct heap *h)
{
	uint32_t chunk = chunk_new(h), i;

	for (i = HEAP_CHUNK_PAGES; i-- > (chunk == 0 ? 1u : 0u); )
		page_release(h, chunk * HEAP_CHUNK_PAGES + i);
}

/* Give a chunk of nothing but free pages back to the system. */
static void
heap_shrink(struct heap *h, uint32_t chunk)
{
	uint32_t i;

	if (h->n_free[chunk] != HEAP_CHUNK_PAGES ||
	    h->n_free_pages <= KEEP_PAGES)
		return;
	for (i = 0; i < HEAP_CHUNK_PAGES; i++)
		page_unlink(h, &h->free_pages, chunk * HEAP_CHUNK_PAGES + i);
	h->n_free_pages -= HEAP_CHUNK_PAGES;
	munmap(h->chunks[chunk], CHUNK_BYTES);
	h->chunks[chunk] = NULL;
	free(h->pages[chunk]);
	h->pages[chunk] = NULL;
	h->n_live--;
}

/* Class of a cell within a page, its units rounded up to what is given. */
static unsigned
page_class(uint32_t *units)
{
	unsigned class = HEAP_EXACT_UNITS, n;

	if (*units <= HEAP_EXACT_UNITS)
		return *units;
	/* Three, two or one to a page. */
	for (n = 3; n >= 1; n--) {
		class++;
		if (*units <= HEAP_PAGE_UNITS / n)
			break;
	}
	*units = HEAP_PAGE_UNITS / n;
	return class;
}

static uint32_t
cell_alloc(struct heap *h, unsigned class, uint32_t units)
{
	uint32_t page = h->partial[class], cell, handle;
	struct heap_page *p;

	if (page == 0) {
		if (h->free_pages == 0)
			heap_grow(h);
		page = page_take(h);
		*page_at(h, page) = (struct heap_page){
			.class = (uint16_t)class,
		};
		page_push(h, &h->partial[class], page);
	}
	p = page_at(h, page);
	cell = p->free != 0 ? p->free - 1u : p->n_fresh;
	handle = page << HEAP_PAGE_SHIFT | cell * units;
	if (p->free != 0)
		memcpy(&p->free, heap_at(h, handle), sizeof(p->free));
	else
		p->n_fresh++;
	if (++p->n_used == HEAP_PAGE_UNITS / units)
		page_unlink(h, &h->partial[class], page);
	return handle;
}

static void
cell_free(struct heap *h, uint32_t handle, unsigned class, uint32_t units)
{
	uint32_t page = handle >> HEAP_PAGE_SHIFT;
	struct heap_page *p = page_at(h, page);

	assert(p->class == class && p->n_used > 0);
	if (p->n_used == HEAP_PAGE_UNITS / units)
		page_push(h, &h->partial[class], page);
	memcpy(heap_at(h, handle), &p->free, sizeof(p->free));
	p->free = (uint16_t)((handle & (HEAP_PAGE_UNITS - 1)) / units + 1);
	if (--p->n_used != 0)
		return;
	page_unlink(h, &h->partial[class], page);
	page_release(h, page);
	heap_shrink(h, page / HEAP_CHUNK_PAGES);
}

/* Class of a span: four steps for each doubling. In pages, rounded up. */
static unsigned
span_class(uint32_t *pages)
{
	uint32_t base = 1, i;
	unsigned class = 0;

	for (;; base *= 2) {
		for (i = 1; i <= 4; i++, class++) {
			if (*pages * 4 <= base * (4 + i)) {
				*pages = (base * (4 + i) + 3) / 4;
				return class;
			}
		}
	}
}

/* Pages one after the other, from a chunk that only serves spans. */
static uint32_t
span_alloc(struct heap *h, uint32_t pages)
{
	unsigned class = span_class(&pages);
	uint32_t handle = h->spans[class];

	if (handle != HEAP_NONE) {
		memcpy(&h->spans[class], heap_at(h, handle), sizeof(handle));
		return handle;
	}
	if (HEAP_CHUNK_PAGES - h->span_page < pages) {
		h->span_chunk = chunk_new(h);
		h->span_page = h->span_chunk == 0 ? 1 : 0;
	}
	handle = h->span_chunk << HEAP_CHUNK_SHIFT |
	    h->span_page << HEAP_PAGE_SHIFT;
	h->span_page += pages;
	return handle;
}

static void
span_free(struct heap *h, uint32_t handle, uint32_t pages)
{
	unsigned class = span_class(&pages);

	memcpy(heap_at(h, handle), &h->spans[class], sizeof(handle));
	h->spans[class] = handle;
}

static uint32_t
units_of(size_t len_bytes)
{
	return (uint32_t)((len_bytes + HEAP_UNIT - 1) / HEAP_UNIT);
}

static uint32_t
pages_of(uint32_t units)
{
	return (units + HEAP_PAGE_UNITS - 1) / HEAP_PAGE_UNITS;
}

uint32_t
heap_alloc(struct heap *h, size_t len_bytes)
{
	uint32_t units = units_of(len_bytes);
	unsigned class;

	assert(len_bytes != 0 && len_bytes <= HEAP_MAX_BYTES);
	h->used_bytes += (size_t)units * HEAP_UNIT;
	if (units > HEAP_PAGE_UNITS)
		return span_alloc(h, pages_of(units));
	class = page_class(&units);
	return cell_alloc(h, class, units);
}

void
heap_free(struct heap *h, uint32_t handle, size_t len_bytes)
{
	uint32_t units = units_of(len_bytes);
	unsigned class;

	assert(handle != HEAP_NONE);
	h->used_bytes -= (size_t)units * HEAP_UNIT;
	if (units > HEAP_PAGE_UNITS) {
		span_free(h, handle, pages_of(units));
		return;
	}
	class = page_class(&units);
	cell_free(h, handle, class, units);
}

size_t
heap_bytes(const struct heap *h)
{
	return (size_t)h->n_live * CHUNK_BYTES;
}

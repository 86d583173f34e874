/* SPDX-License-Identifier: ISC */
/*
 * Preloaded: an allocation fails. Which one is a number of 8 bytes at the
 * beginning of the file BGPD_ALLOC (in a worker, of that name with a dot and
 * the worker's role behind it), which is counted down and may be set again
 * while the program runs; the one that brings it to 0 fails. Once negative,
 * it goes on down, so that allocations are counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);
void	*__libc_memalign(size_t, size_t);

static int64_t *countdown;
static uintptr_t libc_start, libc_end;

static int
find_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t end;
	int i;

	(void)size;
	(void)arg;
	if (strstr(info->dlpi_name, "/libc.so") == NULL)
		return 0;
	libc_start = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		end = libc_start + info->dlpi_phdr[i].p_vaddr +
		    info->dlpi_phdr[i].p_memsz;
		if (info->dlpi_phdr[i].p_type == PT_LOAD && end > libc_end)
			libc_end = end;
	}
	return 1;
}

/* The word behind -R of our own command line, or "". */
static void
find_role(char *role, size_t room)
{
	char line[4096];
	ssize_t n, i;
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);

	role[0] = '\0';
	n = fd == -1 ? -1 : read(fd, line, sizeof(line) - 1);
	if (fd != -1)
		close(fd);
	if (n <= 0)
		return;
	line[n] = '\0';
	for (i = 0; i < n; i += (ssize_t)strlen(line + i) + 1)
		if (strcmp(line + i, "-R") == 0 && i + 3 < n)
			snprintf(role, room, ".%s", line + i + 3);
}

__attribute__((constructor)) static void
map_countdown(void)
{
	const char *name = getenv("BGPD_ALLOC");
	char path[4096], role[32];
	void *at;
	int fd;

	if (name == NULL)
		return;
	dl_iterate_phdr(find_libc, NULL);
	find_role(role, sizeof(role));
	snprintf(path, sizeof(path), "%s%s", name, role);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return;
	at = mmap(NULL, sizeof(*countdown), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		countdown = at;
}

/* Where it fails, for addr2line. */
static void
say_where(const void *caller)
{
	char line[64];
	Dl_info info = { .dli_fbase = NULL };
	int n;

	dladdr(caller, &info);
	n = snprintf(line, sizeof(line), "allocation fails at +0x%lx\n",
	    (unsigned long)((uintptr_t)caller - (uintptr_t)info.dli_fbase));
	if (write(STDERR_FILENO, line, (size_t)n) == -1)
		_exit(9);
}

static int
is_to_fail(const void *caller)
{
	if (countdown == NULL || ((uintptr_t)caller >= libc_start &&
	    (uintptr_t)caller < libc_end) ||
	    __atomic_sub_fetch(countdown, 1, __ATOMIC_RELAXED) != 0)
		return 0;
	say_where(caller);
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *
reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return is_to_fail(__builtin_return_address(0)) ? NULL :
	    __libc_realloc(old, bytes);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return is_to_fail(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

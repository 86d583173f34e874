/* SPDX-License-Identifier: ISC */
/*
 * Run a fuzz target over files without a fuzzer: each whole, then cut at
 * each byte, then with each byte changed. What the sanitizers find is found.
 * The arguments are files and folders; -w first: whole only.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX	65536

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A copy of its own, so that a sanitizer sees a read past its end. */
static void
run(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void
run_variants(uint8_t *data, size_t len)
{
	static const uint8_t masks[] = { 0xff, 0x80, 0x01, 0x10 };
	size_t i, k;

	run(data, len);
	for (i = 0; i < len; i++)
		run(data, i);
	for (i = 0; i < len; i++) {
		for (k = 0; k < sizeof(masks); k++) {
			data[i] ^= masks[k];
			run(data, len);
			data[i] ^= masks[k];
		}
	}
}

static int
replay_file(const char *path, bool is_whole)
{
	uint8_t *data = malloc(FILE_MAX);
	FILE *f = fopen(path, "rb");
	size_t len;

	if (f == NULL || data == NULL) {
		perror(path);
		free(data);
		return 1;
	}
	len = fread(data, 1, FILE_MAX, f);
	fclose(f);
	if (is_whole)
		run(data, len);
	else
		run_variants(data, len);
	free(data);
	return 0;
}

static int
replay(const char *path, bool is_whole, unsigned *n_files)
{
	struct dirent *entry;
	struct stat st;
	char *inner = NULL;
	DIR *dir;
	int failed = 0;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		(*n_files)++;
		return replay_file(path, is_whole);
	}
	dir = opendir(path);
	if (dir == NULL) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&inner, "%s/%s", path, entry->d_name) < 0)
			abort();
		failed |= replay(inner, is_whole, n_files);
		free(inner);
	}
	closedir(dir);
	return failed;
}

int
main(int argc, char **argv)
{
	unsigned n_files = 0;
	bool is_whole = argc > 1 && strcmp(argv[1], "-w") == 0;
	int failed = 0, i;

	for (i = is_whole ? 2 : 1; i < argc; i++)
		failed |= replay(argv[i], is_whole, &n_files);
	printf("%u files replayed\n", n_files);
	return failed || n_files == 0;
}

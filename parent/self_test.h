/* SPDX-License-Identifier: ISC */
/*
 * `bgpd -X role` of a test build: a worker's sandbox, tried from inside.
 */
#ifndef PARENT_SELF_TEST_H
#define PARENT_SELF_TEST_H

/*
 * Try every row in a process of its own under the role's sandbox, user as
 * its base name. Prints a line a row and returns the exit status: 0 when
 * each ended as the table says, 77 when this build has no sandbox.
 */
int	self_test(const char *role, const char *user);

#endif

/* SPDX-License-Identifier: ISC */
/* What a service manager is told (sd_notify's protocol), without a library. */
#ifndef PARENT_NOTIFY_H
#define PARENT_NOTIFY_H

/*
 * Send a state, such as "READY=1", to the socket that NOTIFY_SOCKET names;
 * nothing happens where there is none. It never waits.
 */
void	notify_manager(const char *state);

#endif

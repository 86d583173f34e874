/* SPDX-License-Identifier: ISC */
/* bgpd.conf: options of neighbors and groups. Inside conf_bgpd_*.c only. */
#ifndef PARENT_CONF_BGPD_PEER_H
#define PARENT_CONF_BGPD_PEER_H

#include "parent/conf_bgpd.h"

/* Options, in alphabetical order; a group's have neighbor, too. */
extern const struct bgpd_row bgpd_peer_rows[];
extern const size_t bgpd_peer_n_rows;
extern const struct bgpd_row bgpd_group_rows[];
extern const size_t bgpd_group_n_rows;

/* conf_bgpd_peer.c: for the current neighbor or group. */
void	bgpd_peer_add_family(struct bgpd_parser *, uint16_t afi,
	    uint8_t safi, bool is_enforced);
/* One action of its `set`. false: reported. */
bool	bgpd_peer_set(struct bgpd_parser *, const struct conf_set *);

/* conf_bgpd_announce.c: announce ... */
bool	bgpd_peer_announce(struct bgpd_parser *);

/* conf_bgpd_auth.c: tcp ..., ipsec ... */
bool	bgpd_peer_tcp(struct bgpd_parser *);
bool	bgpd_peer_ipsec(struct bgpd_parser *);

#endif

#!/bin/sh
# SPDX-License-Identifier: ISC
# An API program in ten lines: it says what its neighbors shall be told, and
# reads the daemon's answer to each line.
say() {
	echo "$1"
	read -r answer
	echo "program: $1 -> $answer" >&2
}

sleep 2
say "announce route 198.51.100.0/24 next-hop self med 100 community [65002:1]"
say "announce ipv6 unicast 2001:db8:1::/48 next-hop 2001:db8::2"
say "announce attributes next-hop self origin igp nlri 203.0.113.0/25 203.0.113.128/25"
sleep 3
say "announce route 198.51.100.0/24 next-hop self med 200 community [65002:2]"
sleep 3
say "withdraw route 203.0.113.0/25"
while read -r line; do :; done

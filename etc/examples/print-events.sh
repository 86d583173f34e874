#!/bin/sh
# SPDX-License-Identifier: ISC
# An API program that listens: each event is one line on standard input.
while read -r event; do
	printf 'event: %s\n' "$event" >&2
done

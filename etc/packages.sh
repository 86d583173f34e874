# SPDX-License-Identifier: ISC
# Sourced by quickstart and check: install Debian packages that are missing.

# need PACKAGE...
need() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
		    grep -q 'install ok installed' ||
		    missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "installing:$missing"
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	$as_root apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
	    --no-install-recommends $missing >/dev/null
}

BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libbsd-dev \
libevent-dev libmnl-dev libmsgpack-dev libseccomp-dev"

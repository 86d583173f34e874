#!/bin/sh
# SPDX-License-Identifier: ISC
# mandoc over the manuals, as strict as it warns. usage: lint.sh FOLDER
set -eu
command -v mandoc >/dev/null || exit 77
cd "$1"
mandoc -Tlint -W warning ./*.[1-9]
echo "$(ls ./*.[1-9] | wc -l) manuals"

# SPDX-License-Identifier: ISC
# bash completion of bgpctl: its own table of words says what may follow.
_bgpctl() {
	local word words
	case ${COMP_WORDS[COMP_CWORD]} in
	-*)
		mapfile -t COMPREPLY < <(compgen -W "-C -j -n -s -V" -- \
		    "${COMP_WORDS[COMP_CWORD]}")
		return
		;;
	esac
	words=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		-*) ;;
		*) words+=("$word") ;;
		esac
	done
	# A value in brackets is a hint, not a word.
	mapfile -t COMPREPLY < <(bgpctl -C "${words[@]}" \
	    "${COMP_WORDS[COMP_CWORD]}" 2>/dev/null | grep -v '^<')
}
complete -F _bgpctl bgpctl

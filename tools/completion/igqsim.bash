# Completion of igqsim in bash (and in zsh after `autoload bashcompinit; bashcompinit`): commands, options and the
# words an option allows, all read from the texts that --help prints, so that they are never out of date.
# shellcheck shell=bash disable=SC2207

_igqsim() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} igqsim=${COMP_WORDS[0]} help argument=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    help=$("$igqsim" --help 2>/dev/null) || return
    COMPREPLY=($(compgen -W "$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$help") --help --version" -- "$word"))
    return
  fi
  help=$("$igqsim" "${COMP_WORDS[1]}" --help 2>/dev/null) || return
  case $previous in
    -*) # "      --assign model|rtl   text": what follows the option
      argument=$(sed -nE "s/^ +(-., )?$previous(, --[a-z-]+)? ([^ ]+).*/\\3/p" <<<"${help#*Options:}" | head -n 1) ;;
  esac
  case $argument in
    *'|'*) COMPREPLY=($(compgen -W "${argument//|/ }" -- "$word")) ;;
    *) # an option, or a file by the default below
      [[ $word == -* ]] && COMPREPLY=($(compgen -W "$(grep -oE '^ +(-., +)?--[a-z-]+' <<<"${help#*Options:}" | grep -oE -- '--[a-z-]+')" -- "$word")) ;;
  esac
}
complete -o default -F _igqsim igqsim

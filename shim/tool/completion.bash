# bash completion for axshim(1)
# shellcheck shell=bash disable=SC2207 # COMPREPLY takes words

_axshim_options() {
  echo --help --version
  case $1 in
    run) echo --cleanup --log --format --report --graceful --rescue --dir --timeout --recover --no-adopt --wait --fail-on ;;
    recover) echo --dry-run ;;
  esac
}

# Whether the option takes the next word.
_axshim_takes_value() {
  case $1 in
    --cleanup | --log | --format | --report | --graceful | --rescue | --dir | --timeout | --wait | --fail-on) ;;
    *) return 1 ;;
  esac
}

_axshim() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # bash splits --format=json at the equals sign.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local sub='' prog='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if _axshim_takes_value "${COMP_WORDS[i]}"; then
      [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
      ((i++))
    elif [[ -z $sub && ${COMP_WORDS[i]} != -* ]]; then
      sub=${COMP_WORDS[i]}
    elif [[ $sub == run && ${COMP_WORDS[i]} != -* ]]; then
      prog=$i
      break
    fi
  done
  COMPREPLY=()
  compopt -o default 2>/dev/null
  if [[ -n $prog ]]; then
    ! declare -F _command_offset >/dev/null || _command_offset "$prog"
    return
  fi
  if [[ $sub == run ]]; then
    case $before in
      --format) COMPREPLY=($(compgen -W 'text json' -- "$word")) ;;
      --report) COMPREPLY=($(compgen -W 'unclean always never' -- "$word")) ;;
      --rescue) COMPREPLY=($(compgen -W 'none forced' -- "$word")) ;;
      --fail-on) COMPREPLY=($(compgen -W 'skipped failed unclean' -- "$word")) ;;
      --dir) compopt -o dirnames 2>/dev/null ;;
    esac
    ! _axshim_takes_value "$before" || return 0
  fi
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(_axshim_options "$sub")" -- "$word"))
    return
  fi
  case $sub in
    '') COMPREPLY=($(compgen -W 'run report recover doctor' -- "$word")) ;;
    run | doctor) [[ $word == */* ]] || COMPREPLY=($(compgen -c -- "$word")) ;;
    recover) compopt -o dirnames 2>/dev/null ;;
  esac
}

complete -F _axshim axshim

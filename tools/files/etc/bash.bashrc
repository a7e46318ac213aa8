# For every bash that a person types at. Nothing here starts a program: a shell is there at once.
[[ $- == *i* ]] || return
. /etc/profile.d/prompt.sh
shopt -s checkwinsize histappend
HISTFILE=~/.bash_history HISTSIZE=2000 HISTFILESIZE=4000 HISTCONTROL=ignoreboth
alias ll='ls -l' ls='ls --color=auto' grep='grep --color=auto'
bind 'set show-all-if-ambiguous on' 'set colored-stats on' 'set completion-ignore-case on' 2>/dev/null

command_not_found_handle() {
  sh /usr/share/drydock/not-found "$1"
}

# Candidates come from the engine, by the protocol of docker's own completion (cobra's __complete): one a line with its description
# after a tab, then ":" and what to do with them: 1 failed, 2 no blank after, 4 no files, 16 folders only.
_docker_complete() {
  local line=${COMP_LINE:0:COMP_POINT} current answer directive candidate
  local -a words lines
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=${words[-1]}
  mapfile -t lines < <(docker __complete "${words[@]:1}" 2>/dev/null)
  ((${#lines[@]} > 0)) || return 0
  directive=${lines[-1]#:}
  [[ $directive =~ ^[0-9]+$ ]] || return 0
  ((directive & 1)) && return 0
  # Readline takes ":" and "=" for the ends of words: what stands before them is not completed again.
  local before=${current%"${current##*[:=]}"}
  for answer in "${lines[@]:0:${#lines[@]}-1}"; do
    candidate=${answer%%$'\t'*}
    [[ -n $candidate && $candidate == "$current"* ]] && COMPREPLY+=("${candidate#"$before"}")
  done
  ((directive & 2)) && compopt -o nospace
  ((directive & 16)) && compopt -o dirnames
  ((${#COMPREPLY[@]} == 0 && !(directive & 4))) && compopt -o default
  return 0
}
complete -F _docker_complete docker

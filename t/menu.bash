# shellcheck shell=bash
# What the tests of the menu share: fzf in tmux, keys in, VMs in another state
# out. `load menu` stands below `load helpers`.
#
# shellcheck disable=SC2154 # bats's, and those of helpers.bash

setup_file() {
  type -P fzf tmux >/dev/null || skip "fzf or tmux is not installed"
}

teardown() {
  while ((terminals)); do
    tmux -L "vmm-menu$$-$terminals" kill-server 2>/dev/null || :
    terminals=$((terminals - 1))
  done
  drop_guests
  rm -rf "${XDG_CONFIG_HOME:?}/vmm"
}

terminals=0

# terminal COMMAND...: in a terminal of its own; its status is on the screen
terminal() {
  terminals=$((terminals + 1))
  tmux=(tmux -L "vmm-menu$$-$terminals" -f /dev/null)
  "${tmux[@]}" new-session -d -x 130 -y 45 \
    bash -c '"$@"; echo "STATUS $?"; exec cat' bash "$@" 3>&-
}

# menu [ARG...]
menu() {
  terminal vmm menu "$@"
}

look() {
  "${tmux[@]}" capture-pane -p
}

has() {
  local screen
  screen=$(look)
  grep -qE -e "$1" <<<"$screen"
}

has_not() {
  ! has "$1"
}

# sees ERE: it is on the screen, soon
sees() {
  wait_until 30 has "$1" || fail "$(look)"
}

# misses ERE
misses() {
  ! has "$1" || fail "should not be there: $1" "$(look)"
}

keys() {
  "${tmux[@]}" send-keys "$@"
}

# chooses TEXT: types it, and Enter. What is typed before the next screen is there
# can be lost: fzf reads ahead.
chooses() {
  "${tmux[@]}" send-keys -l -- "$1"
  wait_until 1 asks "$1" 2>/dev/null || : # a long one is scrolled
  keys Enter
  wait_until 30 asks_no_more "$1"
}

# asks TEXT: it is behind a prompt; the cursor's line begins with >
asks() {
  local line
  while IFS= read -r line; do
    [[ $line != [^\>\ ]*"> $1"* ]] || return 0
  done < <(look)
  return 1
}

asks_no_more() {
  ! asks "$1"
}

# acts TEXT NOTE: chooses it, and the header says NOTE
acts() {
  chooses "$1"
  sees "$2"
}

# confirms NOTE: Yes, which is below No. The question reads as the note does.
confirms() {
  sees '^ *> ?No'
  keys Down Enter
  wait_until 30 has_not '^[> ] *No$'
  sees "$1"
}

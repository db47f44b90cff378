# vmm pick with the other pickers, for real: bemenu, fuzzel and tofi on sway, rofi
# on an X server. wofi and fzf are pick.bats's.
#
# check: release: no C of ours is beneath it but what screen.bats runs

load helpers
load desktop

setup_file() {
  start_desktop
}

setup() {
  height=1
  list=$BATS_TEST_TMPDIR/list said=$BATS_TEST_TMPDIR/said
  printf '%s\t%s\n' k1 web1 k2 "a <b>&amp; \$(x)" k3 same k4 same >"$list"
}

# needs PROGRAM...
needs() {
  local program
  for program in "$@"; do
    type -P "$program" >/dev/null || skip "$program is not installed"
  done
}

# answers STATUS TEXT
answers() {
  picked "$1"
  assert_equal "$(<"$list.out")" "$2"
}

# With a picker: a line that was typed, one that the cursor was moved to, one of
# two equal ones, Escape, a new name, and a password. hits KEY...: a word to type
# or the name of a key.
all_of() {
  local picker=$1
  picks "$picker" --prompt='which one'
  hits w e b Return
  answers 0 k1
  picks "$picker"
  hits Down Return
  answers 0 k2
  picks "$picker" --header='1 < 2?'
  hits s a m e space '(' 2 Return
  answers 0 k4
  picks "$picker"
  hits Escape
  answers 1 ''
  picks "$picker" --text
  hits n e w - x Return
  answers 0 new-x
  picks "$picker" --password --prompt=Password
  hits s 3 space c Return
  answers 0 's3 c'
}

# ---- on sway: libwayland says what has come to the picker ----------------------

# picks PICKER ARG...: in the background, until it has the keyboard
#
# Without a screen sway 1.7 draws nothing for a fuzzel that follows another, and
# fuzzel waits for that; an output that is new is drawn.
picks() {
  swaymsg -q output HEADLESS-1 resolution 800x$((600 + height++))
  : >"$said"
  asks env WAYLAND_DEBUG=1 vmm pick --picker="$1" "${@:2}" \
    <"$list" >"$list.out" 2>"$said"
  wait_until 20 grep -q 'wl_keyboard@[0-9]*\.enter' "$said" ||
    fail "$(tail -n 20 "$said")"
}

# A key at a time: bemenu takes the last of those that come at once.
hits() {
  local key before
  for key in "$@"; do
    before=$(came)
    if ((${#key} == 1)); then
      wtype -- "$key"
    else
      wtype -k "$key"
    fi
    wait_until 20 came_after "$before" || fail "$key" "$(tail -n 20 "$said")"
  done
}

came() {
  grep -c 'wl_keyboard@[0-9]*\.key(' "$said" || :
}

# It was pressed and released, or the picker is gone.
came_after() {
  (($(came) >= $1 + 2)) || has_ended "$picking"
}

@test "pick: bemenu" {
  need_desktop
  needs bemenu
  all_of 'bemenu -l 10'
}

@test "pick: fuzzel" {
  need_desktop
  needs fuzzel
  all_of 'fuzzel -d'
}

@test "pick: tofi" {
  need_desktop
  needs tofi
  all_of tofi
}

# ---- on an X server ------------------------------------------------------------

@test "pick: rofi" {
  needs rofi Xvfb xdotool
  unset WAYLAND_DISPLAY
  # -noreset: else it is gone for a moment when a client, its only one, leaves
  (close_fds && exec Xvfb -displayfd 1 -nolisten tcp -noreset) >"$said" 2>/dev/null &
  local server=$!
  wait_until 10 test -s "$said"
  DISPLAY=:$(<"$said")
  export DISPLAY
  picks() {
    asks vmm pick --picker="$1" "${@:2}" <"$list" >"$list.out" 2>"$said"
    wait_until 20 xdotool search --class '^rofi$' >/dev/null || fail "$(<"$said")"
  }
  hits() {
    local key
    for key in "$@"; do
      case $key in
      '(') key=parenleft ;;
      -) key=minus ;;
      esac
      xdotool key "$key"
    done
  }
  all_of rofi
  kill "$server"
}

# vmm console, on a terminal of tmux and the serial port of real guests.

load helpers

setup() {
  type -P tmux >/dev/null || skip "tmux is not installed"
  export TMUX_TMPDIR=$BATS_TEST_TMPDIR
  unset TMUX
}

teardown() {
  tmux kill-server 2>/dev/null || :
  drop_guests
}

# serial_guest NAME [FOLDER] [LABEL...]: a guest whose serial port is a pty
serial_guest() {
  guest "$@"
  virsh dumpxml --inactive --domain "$1" |
    sed -e "/<serial/,/<.serial>/s/<source [^>]*>//; /<console/,/<.console>/d" \
      -e "s/<serial type='file'>/<serial type='pty'>/" |
    virsh -q define /dev/stdin
}

# terminal NAME COMMAND...: runs it on a terminal, whose screen stays; its status
# comes to be the last line of it
terminal() {
  local name=$1
  shift
  (close_fds && tmux -f /dev/null new-session -d -s "$name" -x 100 -y 30 \
    "$(printf '%q ' "$@"); echo status \$?; stty -a | grep -o -e '-*icanon' -e '-*echo ' -e '-*isig'; cat")
}

# screen NAME: with what has been scrolled off it, 18 lines a second
screen() {
  tmux capture-pane -p -J -S - -t "$1"
}

# shows NAME ERE [SECONDS]: until its screen has such a line
shows() {
  wait_until "${3-15}" screen_has "$1" "$2" ||
    fail "the screen is:" "$(screen "$1")"
}

screen_has() {
  grep -qE -e "$2" <<<"$(screen "$1")"
}

# stands_still NAME: nothing came to its screen for a second
stands_still() {
  local was
  was=$(screen "$1")
  sleep 1
  [[ $(screen "$1") == "$was" ]]
}

# is_sane NAME: its terminal is as terminals are
is_sane() {
  shows "$1" '^icanon'
  assert_match '^isig' "$(screen "$1")"
  assert_match '^echo' "$(screen "$1")"
}

@test "console: shows what the guest writes, and Ctrl-] leaves" {
  serial_guest web1 /lab
  terminal a vmm console --start web1
  shows a "^vmm-console: this is the console of '/lab/web1'; Ctrl-\] leaves"
  shows a '^GUEST READY' # --start misses nothing
  shows a '^ *[34]$'
  tmux send-keys -t a C-c 'x'
  shows a '^ *[1-9][0-9]*$'
  tmux send-keys -t a 'C-]'
  shows a '^status 0'
  is_sane a
  vm_is web1 running
}

@test "console: Ctrl-C while it starts a VM leaves none that stands still" {
  local delay i=0
  serial_guest web1
  for delay in 0.{05,1,15,2,25,3,4,5,6,8}; do
    i=$((i + 1))
    terminal "t$i" vmm console --start web1
    sleep "$delay"
    wait_until 10 signal INT '^[^ ]*vmm(-console| console) --start web1'
    shows "t$i" '^status '
    is_sane "t$i"
    wait_until 10 not_paused
    virsh destroy --domain web1 >/dev/null 2>&1 || :
  done
}

not_paused() {
  [[ $(vm_state web1) != paused ]]
}

@test "console: a signal ends it, and restores the terminal" {
  local name
  serial_guest web1
  virsh -q start web1
  for name in TERM HUP INT; do
    terminal "$name" vmm console web1
    shows "$name" '^ *[1-9][0-9]*$'
    wait_until 5 kill -s "$name" "$(pids "^[^ ]*vmm-console web1")"
    shows "$name" "^status $((128 + $(kill -l "$name")))"
    is_sane "$name"
  done
}

@test "console: a VM that goes off ends it" {
  serial_guest web1 /lab
  virsh -q start web1
  terminal a vmm console web1
  shows a '^ *[1-9][0-9]*$'
  virsh -q destroy web1
  shows a "^vmm-console: '/lab/web1' went off"
  shows a '^status 0'
  is_sane a
}

@test "console: one that is in use is refused, and --force takes it over" {
  serial_guest web1
  virsh -q start web1
  terminal a vmm console web1
  shows a '^ *[1-9][0-9]*$'
  terminal b vmm console web1
  shows b "cannot open the console of '/web1': .*ctive console session.*; --force takes it over"
  shows b '^status 1'
  # libvirt forgets to end a stream that it is taking away while output is on its
  # way through it
  virsh -q suspend web1
  wait_until 15 stands_still a
  terminal c vmm console --force web1
  shows a "lost the console of '/web1': it was closed, perhaps for somebody else who took it over"
  shows a '^status 1'
  is_sane a
  virsh -q resume web1
  shows c '^ *[1-9][0-9]*$'
}

@test "console: a connection that is lost is status 3" {
  serial_guest web1
  virsh -q start web1
  terminal a vmm console web1
  shows a '^ *[1-9][0-9]*$'
  daemon kill
  shows a "lost the console of '/web1': the connection was lost"
  shows a '^status 3'
  is_sane a
  daemon start
  # and there it is again; the lock of the daemon that died is no obstacle
  terminal b vmm console web1
  shows b '^ *[1-9][0-9]*$'
  tmux send-keys -t b 'C-]'
  shows b '^status 0'
}

@test "console: what has none, or is off, is refused, and the way out named" {
  guest web1
  serial_guest web2
  terminal a vmm console web1
  shows a "its serial console is of type 'file', and only 'pty' can be"
  shows a '^status 1'
  terminal b vmm console web2
  shows b "cannot open the console of '/web2': it is off; --start starts it"
  shows b '^status 1'
  virsh dumpxml --inactive web1 |
    sed '/<serial/,/<.serial>/d; /<console/,/<.console>/d' |
    virsh -q define /dev/stdin
  terminal c vmm console --start web1
  shows c "it has no serial console; 'vmm edit' can add"
  shows c '^status 1'
  vm_is web1 'shut off'
}

@test "console: without a terminal it is one line" {
  serial_guest web1
  run_vmm 1 console web1
  assert_stderr_is_one_line "^vmm-console: a console needs a terminal"
  run_vmm 2 console
  assert_stderr_is_one_line "which VM"
}

@test "console: --device chooses another one" {
  serial_guest web1
  virsh -q start web1
  terminal a vmm console --device=serial9 web1
  shows a "cannot open the console of '/web1': .*serial9"
  terminal b vmm console --device=serial0 web1
  shows b '^ *[1-9][0-9]*$'
}

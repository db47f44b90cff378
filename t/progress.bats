# What a person sees while it takes long: on a terminal, that of tmux.
#
# check: sanitizers: nearly all of its time is a copy's, which is the same in both

load helpers

teardown() {
  tmux -S "$SANDBOX/tmux" kill-server 2>/dev/null || :
  signal CONT 'libvirt_iohelper' || :
  signal CONT 'qemu-img convert' || :
  signal CONT 'guest=' || :
  drop_guests
}

# on_screen COMMAND: runs it in a terminal of $COLUMNS_WANTED (60) by 12, and keeps
# what is written to it
on_screen() {
  tmux -S "$SANDBOX/tmux" -f /dev/null new-session -d -x "${COLUMNS_WANTED:-60}" -y 12 \
    "PS1='$ ' exec bash --norc -i" 3>&-
  tmux -S "$SANDBOX/tmux" pipe-pane "exec cat >'$BATS_TEST_TMPDIR/drawn'"
  wait_until 10 test -e "$BATS_TEST_TMPDIR/drawn"
  screen_has '^\$'
  tmux -S "$SANDBOX/tmux" send-keys "$1" Enter
}

screen() {
  tmux -S "$SANDBOX/tmux" capture-pane -p
}

screen_has() {
  wait_until 60 eval 'screen | grep -qE -e '"$(printf %q "$1")" ||
    fail "not on the screen: $1" "$(screen)"
}

# drawn ERE: such a line was in a picture, however short that was there
drawn() {
  assert_match "$1" "$(tr -d '\r' <"$BATS_TEST_TMPDIR/drawn" | sed 's/\x1b\[[?0-9]*[A-Za-z]//g')"
}

@test "progress: elapsed time for those that are waited for, and a sum" {
  GUEST_DEAF=1 up deaf1 /lab
  GUEST_DEAF=1 up deaf2 /lab
  up well /lab
  on_screen "vmm stop --timeout=4 -v deaf1 deaf2 well; echo END=\$?"
  screen_has '^END=5$'
  drawn '^/lab/deaf1 +[123]s$'
  drawn '^/lab/deaf2 +[123]s$'
  drawn '^1 of 3 done, 2 at work$'
  # it is gone, and what it made way for is all there
  assert_equal "$(screen | grep -cE 'at work|s$')" 0
  assert_equal "$(screen | grep -v '^\$' | grep -c .)" 6
  screen_has '^/lab/well$'
}

@test "progress: a bar for a save, which grows" {
  GUEST_MEMORY=3000 up big /lab
  on_screen "vmm save big; echo END=\$?"
  # the disk is slow: its writer stands still
  catches STOP 'libvirt_iohelper .*/big[.]save'
  screen_has '^/lab/big +\[#*-+\] +[0-9]+%$'
  signal CONT 'libvirt_iohelper .*/big[.]save'
  screen_has '^END=0$'
  assert_equal "$(screen | grep -c '%')" 0
}

@test "progress: a bar for a copy, with how fast it is and how long it will take" {
  local pid
  GUEST_FORMAT=qcow2 guest big /lab
  qemu-img resize -q "$SANDBOX_DISKS/big.qcow2" 600M
  # what is not random would be copied too fast to be seen
  dd if=/dev/urandom bs=1M count=300 status=none of="$BATS_TEST_TMPDIR/random"
  qemu-io -c "write -s $BATS_TEST_TMPDIR/random 1M 300M" "$SANDBOX_DISKS/big.qcow2" >/dev/null
  virsh -q pool-refresh default
  # it stops before it begins, then is let go in small steps until there is
  # something to see
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '%s\n' '#!/bin/sh' '[ "$1" != convert ] || kill -STOP $$' \
    "exec $(type -P qemu-img) \"\$@\"" >"$BATS_TEST_TMPDIR/bin/qemu-img"
  chmod 755 "$BATS_TEST_TMPDIR/bin/qemu-img"
  daemon stop
  PATH=$BATS_TEST_TMPDIR/bin:$PATH daemon start
  COLUMNS_WANTED=80 on_screen "vmm clone big copy; echo END=\$?"
  catches STOP 'qemu-img convert .*copy-hda'
  pid=$(pids 'qemu-img convert .*copy-hda')
  # by bash itself: it must not be done before another process has stopped it
  while (($(stat -c %s "$SANDBOX_DISKS/copy-hda.qcow2" || echo 0) < 2000000)); do
    kill -s CONT "$pid"
    nap 0.005
    kill -s STOP "$pid"
  done
  screen_has '^/lab/big +\[#*-+\] +[0-9]+% +[0-9.]+ [KMG]iB/s [0-9:s]+$'
  signal CONT 'qemu-img convert .*copy-hda'
  screen_has '^/lab/copy$'
  screen_has '^END=0$'
}

@test "progress: a bar for a snapshot with its memory in a file" {
  GUEST_MEMORY=3000 up big /lab
  on_screen "vmm snapshot --name=one big 2>/dev/tty; echo END=\$?"
  catches STOP 'libvirt_iohelper .*[.]one[.]mem'
  screen_has '^/lab/big +\[#*-+\] +[0-9]+%$'
  signal CONT 'libvirt_iohelper .*[.]one[.]mem'
  screen_has '^END=0$'
}

@test "progress: long and hostile names fit, and are escaped" {
  local name
  name=$'h\t\u202e'$(printf 'x%.0s' {1..80})END
  GUEST_DEAF=1 guest "$name" /lab
  virsh -q start --domain "$name"
  console_wait "$name" '^2$'
  on_screen "vmm stop --timeout=3 /lab/h*; echo DONE=\$?"
  screen_has '^DONE=5$'
  drawn '^<x+END +[12]s$'
}

@test "progress: more than fit are counted" {
  local i
  for i in {1..14}; do
    GUEST_DEAF=1 guest "d$i" /lab
  done
  run_vmm start '/lab/*'
  on_screen "vmm stop --timeout=3 '/lab/*' 2>&1 >/dev/null | tail -n 1; echo; vmm stop --timeout=4 '/lab/*'; echo DONE"
  screen_has '^DONE$'
  drawn '^0 of 14 done, 14 at work$'
  # the picture that ends so
  assert_equal "$(perl -0777 -ne 's/\r//g; my ($all) = grep { /^0 of 14 done, 14 at work$/m }
    split /\e\[\?7l/; print $all' "$BATS_TEST_TMPDIR/drawn" | grep -cE '^/lab/d[0-9]+ +[0-9]+s$')" 9
}

@test "progress: none with -q, for a dumb terminal, or when not on a terminal" {
  GUEST_DEAF=1 up deaf
  on_screen "vmm stop -q --timeout=1 deaf; echo END=\$?"
  screen_has '^END=5$'
  tmux -S "$SANDBOX/tmux" send-keys "clear; TERM=dumb vmm stop --timeout=1 deaf; echo DUMB=\$?" Enter
  screen_has '^DUMB=5$'
  refute_match 's$|at work' "$(screen)"
  run_vmm 5 stop --timeout=1 deaf
  assert_stderr_is_one_line "cannot stop '/deaf'"
}

@test "progress: what is quick shows nothing" {
  local i verb=resume began typed=$BATS_TEST_TMPDIR/typed
  up web1
  # on a busy machine it may take so long that something is to be shown
  for i in {1..50}; do
    [[ $verb == pause ]] && verb=resume || verb=pause
    began=${EPOCHREALTIME/[.,]/}
    script -qec "vmm $verb web1" "$typed" >/dev/null 3>&-
    ((${EPOCHREALTIME/[.,]/} - began > 400000)) || break
  done
  ((i < 50)) || [[ ! $(sed '1d;$d' "$typed") ]] || skip "everything takes long here"
  assert_equal "$(sed '1d;$d' "$typed" | grep -c .)" 0
}

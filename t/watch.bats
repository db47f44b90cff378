# vmm watch.

load helpers

teardown() {
  [[ ! ${watcher-} ]] || kill "$watcher" 2>/dev/null || :
  [[ ! ${TEST_DRIVER_HOLDER-} ]] || release_test_driver
  drop_guests
}

# watches ARG...: vmm watch in the background, as $watcher, once it hears: a VM
# is poked until it is told of
watches() {
  vmm watch "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  watcher=$!
  wait_until 10 hears "${poke:-poked}"
}

hears() {
  vmm label -a poke "$1" && vmm label -d poke "$1"
  [[ -s $BATS_TEST_TMPDIR/out ]]
}

# heard: EVENT DETAIL PATH of all but the poking
heard() {
  awk -F'\t' '$2 != "metadata" || $5 !~ /poked/ { print $2, $3, $5 }' \
    "$BATS_TEST_TMPDIR/out"
}

# hear ERE: waits until such a line was heard
hear() {
  wait_until 10 was_heard "$1" || fail "heard: $(heard)"
}

was_heard() {
  heard | grep -qE -e "$1"
}

@test "watch: what a real guest goes through, a line an event, at once" {
  guest poked
  watches
  guest web1 /lab
  hear '^defined added /lab/web1$'
  run_vmm start web1
  hear '^started booted /lab/web1$'
  console_wait web1 '^2$' # a guest that boots would not hear what follows
  run_vmm pause web1
  hear '^suspended paused /lab/web1$'
  run_vmm resume web1
  hear '^resumed unpaused /lab/web1$'
  run_vmm mv web1 /attic/
  hear '^metadata - /attic/web1$'
  run_vmm reboot web1
  hear '^rebooted - /attic/web1$'
  wait_until 30 boots web1 2
  run_vmm save web1
  hear '^stopped saved /attic/web1$'
  run_vmm start web1
  hear '^started restored /attic/web1$'
  run_vmm stop web1
  hear '^stopped shutdown /attic/web1$'
  run_vmm rename web1 web9
  hear '^defined renamed /attic/web9$'
  virsh -q undefine web9
  hear '^undefined removed /attic/web9$'
}

@test "watch: five columns: time, event, detail, UUID, path" {
  local line
  guest poked
  watches
  virsh -q start poked
  hear '^started booted /poked$'
  line=$(grep started "$BATS_TEST_TMPDIR/out")
  assert_match '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}	started	booted	'"$(virsh -q domuuid poked)"'	/poked$' "$line"
  # the time is now, as date(1) reads it
  (($(date +%s) - $(date -d "${line%%$'\t'*}" +%s) < 60))
}

@test "watch --json: an object a line" {
  guest poked
  watches --json
  virsh -q start poked
  wait_until 10 grep -q started "$BATS_TEST_TMPDIR/out"
  grep started "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/line"
  assert_equal "$(jq -r '.event, .detail, .path, .uuid' "$BATS_TEST_TMPDIR/line")" \
    $'started\nbooted\n/poked\n'"$(virsh -q domuuid poked)"
  assert_equal "$(jq -r 'select(.event == "metadata") | .detail' \
    "$BATS_TEST_TMPDIR/out" | sort -u)" null
}

@test "watch: a transient VM that is gone is called as it last was" {
  guest poked
  watches
  up web1 /lab
  virsh -q undefine web1
  virsh -q destroy web1
  hear '^stopped destroyed /lab/web1$'
}

@test "watch: only the VMs named, and those that the filters let through" {
  guest poked /lab red
  guest other /attic
  watches /lab/ /attic/none 2>/dev/null
  virsh -q start other
  virsh -q start poked
  hear '^started booted /lab/poked$'
  refute_match other "$(heard)"
  kill "$watcher"
  poke=poked watches -L red
  virsh -q destroy other
  virsh -q destroy poked
  hear '^stopped destroyed /lab/poked$'
  refute_match other "$(heard)"
}

@test "watch: hostile names reach the record escaped" {
  local name=$'ev\til\x7f\u202egnp'
  hold_test_driver
  local -x LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
  test_vm poked
  watches
  test_vm "$name"
  hear '^defined added /ev\\til\\x7f\\xe2\\x80\\xaegnp$'
  virsh -q undefine "$name"
}

@test "watch: the daemon killed is one line and status 3" {
  guest poked
  watches
  daemon kill
  assert_ends "$watcher" 3
  watcher=''
  daemon start
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" "vmm-watch: the connection was lost"
}

@test "watch: a daemon that hangs is noticed, one line and status 3" {
  guest poked
  watches
  daemon pause
  wait_until 20 test ! -d "/proc/$watcher"
  daemon resume
  assert_ends "$watcher" 3
  watcher=''
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" "vmm-watch: the connection was lost"
}

@test "watch: ends when nobody reads any more" {
  local pid
  guest poked
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  vmm watch >"$BATS_TEST_TMPDIR/fifo" 3>&- &
  pid=$!
  exec 5<"$BATS_TEST_TMPDIR/fifo"
  wait_until 10 eval 'vmm label -a x poked; vmm label -d x poked; read -r -t 0.2 -u 5 _'
  exec 5<&-
  wait_until 10 eval 'vmm label -a x poked; vmm label -d x poked; [[ ! -d /proc/$pid ]]'
  assert_ends "$pid" 141
}

@test "watch: Ctrl-C ends it, silently, by the signal" {
  guest poked
  env --default-signal=INT vmm watch >"$BATS_TEST_TMPDIR/out" \
    2>"$BATS_TEST_TMPDIR/err" 3>&- &
  watcher=$!
  wait_until 10 hears poked
  kill -INT "$watcher"
  assert_ends "$watcher" 130
  watcher=''
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" ""
}

# vmm wait, on real guests. For agents and addresses: t/agent.bats.

load helpers

teardown() {
  [[ ! ${TEST_DRIVER_HOLDER-} ]] || release_test_driver
  drop_guests
}

# waits ARG...: vmm wait in the background, as $waiter, once it is listening
waits() {
  : >"$BATS_TEST_TMPDIR/err" # the one before may have filled it
  VMM_DEBUG=1 vmm wait "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  waiter=$!
  wait_until 30 listens || fail "$(<"$BATS_TEST_TMPDIR/err")"
}

# listens: it has libvirt's answer to that, for it goes on. A program that waits for
# an answer can look as one that waits for an event.
listens() {
  local call seen=''
  while read -r _ _ call _; do
    [[ ! $seen ]] || return 0
    [[ $call != virConnectDomainEventRegisterAny ]] || seen=yes
  done <"$BATS_TEST_TMPDIR/err"
  return 1
}

@test "wait: what holds already is done at once" {
  up web1 /lab
  run_vmm wait -v web1
  assert_output /lab/web1
  run_vmm wait --for=running,paused web1
  guest off
  run_vmm wait --for=shutoff off
}

@test "wait: until a VM runs" {
  guest web1
  waits web1
  run_vmm start web1
  assert_ends "$waiter" 0
}

@test "wait: until all are off, in operand order" {
  up b /lab
  up a /lab
  waits -v --for=shutoff b a
  virsh -q destroy a
  [[ -d /proc/$waiter ]]
  virsh -q destroy b
  assert_ends "$waiter" 0
  assert_equal "$(<"$BATS_TEST_TMPDIR/out")" $'/lab/b\n/lab/a'
}

@test "wait: a VM that is started and ended at once was running" {
  local i
  guest web1
  for i in {1..5}; do
    waits web1
    virsh -q 'start web1; destroy web1'
    assert_ends "$waiter" 0
  done
}

@test "wait: a VM that is started paused is not running" {
  guest web1
  waits web1
  run_vmm start --paused web1
  run_vmm wait --for=paused web1
  [[ -d /proc/$waiter ]]
  run_vmm resume web1
  assert_ends "$waiter" 0
}

@test "wait --for=saved: off with a saved state, and not merely off" {
  up web1
  waits --for=saved web1
  run_vmm stop web1
  [[ -d /proc/$waiter ]]
  run_vmm start web1
  run_vmm save web1
  assert_ends "$waiter" 0
  run_vmm wait --for=saved --timeout=0 web1
}

@test "wait: time over is status 5, and with another failure 1" {
  guest web1
  run_vmm 5 wait --timeout=1 web1
  assert_stderr_is_one_line "^vmm-wait: cannot wait for '/web1': it is shutoff after 1 second$"
  run_vmm 5 wait --timeout=0 web1
  run_vmm 1 wait --timeout=0 web1 nobody
}

@test "wait --for=agent: without a channel none can come; --for=ip: without a card" {
  up web1
  run_vmm 1 wait --for=agent web1
  assert_stderr_is_one_line "cannot wait for '/web1': it has no channel for a guest agent, so none can answer"
  run_vmm 1 wait --for=ip web1
  assert_stderr_is_one_line "it has no network card, so it gets no address"
}

@test "wait: an unknown state lists the known ones" {
  run_vmm 2 wait --for=happy web1
  assert_stderr_is_one_line "unknown state 'happy'; known are running, "
}

@test "wait: Ctrl-C kills at once, for nothing was begun" {
  guest web1
  env --default-signal=INT vmm wait web1 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  local pid=$!
  wait_until 10 eval '(($(ls "/proc/$pid/task" | wc -l) >= 3))'
  kill -INT "$pid"
  assert_ends "$pid" 130
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" ""
}

@test "wait: the daemon killed is status 3" {
  guest web1
  waits web1
  daemon kill
  assert_ends "$waiter" 3
  daemon start
  assert_equal "$(grep -vE '^vmm-wait: [0-9:.]+ vir' "$BATS_TEST_TMPDIR/err")" \
    "vmm-wait: cannot wait for '/web1': the connection was lost"
}

@test "wait: a transient VM that goes off is off" {
  up web1
  virsh -q undefine web1
  waits --for=shutoff web1
  virsh -q destroy web1
  assert_ends "$waiter" 0
}

@test "wait: a hundred VMs at once need no hundred calls a second" {
  local i
  hold_test_driver
  local -x LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
  test_vms w 100 5
  vmm wait -r /w/ 3>&- &
  waiter=$!
  for i in {1..100}; do
    echo "start w$i"
  done | virsh -q >/dev/null
  assert_ends "$waiter" 0
}

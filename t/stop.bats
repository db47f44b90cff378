# vmm stop, on real guests.

load helpers

teardown() {
  [[ ! ${PROXY-} ]] || kill "$PROXY"
  drop_guests
}

@test "stop: the guest shuts down by ACPI, and stop waits for it" {
  up web1 /lab
  run_vmm stop -v web1
  assert_output /lab/web1
  assert_equal "$(vm_state web1)" "shut off"
  assert_equal "$(virsh -q domstate --reason web1)" "shut off (shutdown)"
}

@test "stop: a VM that is off is a success" {
  guest web1
  run_vmm stop web1
  run_vmm stop --now web1
  run_vmm stop -n web1
  assert_output ""
}

@test "stop: several at once, in operand order" {
  up b /lab
  up a /lab
  run_vmm stop -v b a
  assert_output "/lab/b
/lab/a"
}

@test "stop: a guest that ignores ACPI is status 5, still runs, and --force ends it" {
  GUEST_DEAF=1 up deaf
  run_vmm 5 stop --timeout=1 deaf
  assert_stderr_is_one_line "cannot stop '/deaf': it did not shut down within 1 second; 'vmm stop --now' powers it off"
  assert_equal "$(vm_state deaf)" running
  run_vmm stop --timeout=1 --force deaf
  assert_equal "$(virsh -q domstate --reason deaf)" "shut off (destroyed)"
}

@test "stop: a time-out and another failure at once are status 1" {
  GUEST_DEAF=1 up deaf
  run_vmm 1 stop --timeout=0 deaf nobody
  assert_equal "${#stderr_lines[@]}" 2
}

@test "stop --now: powers off at once" {
  GUEST_DEAF=1 up deaf
  run_vmm stop -n --now deaf
  assert_output "power-off /deaf"
  run_vmm stop --now deaf
  assert_equal "$(virsh -q domstate --reason deaf)" "shut off (destroyed)"
}

@test "stop --no-wait: asks and returns" {
  GUEST_DEAF=1 up deaf
  run_vmm stop --no-wait deaf
  assert_equal "$(vm_state deaf)" running
  up web1
  run_vmm stop --no-wait web1
  wait_state web1 "shut off"
  run_vmm 2 stop --no-wait --force deaf
}

@test "stop --mode=acpi works, --mode=agent without an agent says so" {
  up web1
  run_vmm 1 stop --mode=agent web1
  assert_stderr_is_one_line "cannot stop '/web1': .*agent"
  assert_equal "$(vm_state web1)" running
  run_vmm stop --mode=acpi web1
  assert_equal "$(vm_state web1)" "shut off"
  vmm start web1
  run_vmm stop --force --mode=agent web1
  assert_equal "$(vm_state web1)" "shut off"
  run_vmm 2 stop --mode=nicely web1
}

@test "stop: a paused VM cannot hear, and the error names both ways out" {
  up web1
  virsh -q suspend web1
  run_vmm 1 stop web1
  assert_stderr_is_one_line "it is paused and cannot hear; 'vmm resume' resumes it, 'vmm stop --now' powers it off"
  run_vmm stop --force web1
  assert_equal "$(vm_state web1)" "shut off"
}

@test "stop: Ctrl-C ends the wait, says what it left, and dies of the signal" {
  local pid
  GUEST_DEAF=1 up deaf
  env --default-signal=INT vmm stop deaf 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  console_wait deaf '^GUEST DEAF$'
  kill -INT "$pid"
  assert_ends "$pid" 130
  stderr=$(<"$BATS_TEST_TMPDIR/err")
  assert_equal "$stderr" "vmm-stop: cannot stop '/deaf': interrupted; it was asked to shut down and may still do so"
  assert_equal "$(vm_state deaf)" running
}

@test "stop: a transient VM is gone when it is off, and that is a success" {
  up web1
  virsh -q undefine web1
  run_vmm stop web1
  run_vmm 1 ls web1
}

@test "stop: QEMU killed during the wait is a VM that is off" {
  local pid
  GUEST_DEAF=1 up deaf
  vmm stop deaf 3>&- &
  pid=$!
  console_wait deaf '^GUEST DEAF$'
  signal KILL 'guest=deaf,'
  assert_ends "$pid" 0
}

@test "stop: the daemon killed during the wait is status 3, and the guest lives" {
  local pid
  GUEST_DEAF=1 up deaf
  vmm stop deaf 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  console_wait deaf '^GUEST DEAF$'
  daemon kill
  assert_ends "$pid" 3
  daemon start
  # killed before it had answered, or after
  assert_match "^vmm-stop: cannot stop '/deaf': (it was asked to shut down and may do so, but )?the connection was lost" \
    "$(<"$BATS_TEST_TMPDIR/err")"
  assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/err")" 1
  assert_equal "$(vm_state deaf)" running
  run_vmm stop --now deaf
}

@test "stop --force: ends a guest whose QEMU is stuck, in time" {
  up stuck
  signal STOP 'guest=stuck,'
  VMM_TIMEOUT=8 run_vmm 5 stop --timeout=1 stuck
  VMM_TIMEOUT=20 run_vmm stop --timeout=1 --force stuck
  assert_equal "$(vm_state stuck)" "shut off"
}

@test "stop: a signal before anything has begun kills at once" {
  local pid fifo=$BATS_TEST_TMPDIR/in
  mkfifo "$fifo"
  vmm stop - <"$fifo" 3>&- &
  pid=$!
  exec 5>"$fifo"
  NAP=0 wait_until 5 pids 'vmm-stop -$'
  kill -TERM "$pid"
  assert_ends "$pid" 143
  exec 5>&-
}

@test "stop, wait: events that libvirtd does not send cost time, and no more" {
  local deaf began
  up web1
  up web2
  deaf_daemon
  began=${EPOCHREALTIME/[.,]/}
  run_vmm -c "$deaf" stop --timeout=4 web1
  ((${EPOCHREALTIME/[.,]/} - began >= 4000000)) || fail "an event has come"
  assert_equal "$(vm_state web1)" "shut off"
  vmm -c "$deaf" wait --for=shutoff web2 3>&- &
  wait_until 10 sleeps "$!"
  virsh -q shutdown web2
  assert_ends "$!" 0
  forget web1
  run_vmm -c "$deaf" start web1
  console_wait web1 '^2$'
  run_vmm -c "$deaf" stop web1 # for it looks before the time is over
}

@test "stop: a button that was not heard, as by a guest that boots, is pressed again" {
  GUEST_DEAF=once up web1 /lab
  run_vmm stop -v web1
  assert_output /lab/web1
  assert_equal "$(grep ^GUEST "$SANDBOX/web1.console")" $'GUEST READY\nGUEST DEAF\nGUEST OFF'
  assert_equal "$(virsh -q domstate --reason web1)" "shut off (shutdown)"
}

@test "stop: who takes longer to choose than to wait for is heard" {
  up web1 /lab
  # the connection is there before the operands are
  sleep 5 | { cat && echo web1; } | vmm stop --timeout=1 --no-wait - 3>&-
  wait_until 30 eval '[[ $(vmm ls -o state web1) == shutoff ]]'
}

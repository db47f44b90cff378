# vmm pause, on real guests.

load helpers

teardown() {
  drop_guests
}

@test "pause: the guest stands still, and a paused one is a success" {
  local count
  up web1 /lab
  run_vmm pause -v web1
  assert_output /lab/web1
  assert_equal "$(virsh -q domstate --reason web1)" "paused (user)"
  count=$(console_count web1)
  run_vmm pause web1
  assert_stderr_is_empty
  run_vmm pause -n web1
  assert_output ""
  assert_equal "$(console_count web1)" "$count"
  run_vmm resume web1
  assert_goes_on web1
}

@test "pause: a VM that is off is an error that names the way" {
  guest web1
  run_vmm 1 pause web1
  assert_stderr_is_one_line "cannot pause '/web1': it is off; 'vmm start --paused' starts it paused"
  run_vmm 1 pause -n web1
}

@test "pause --dry-run: says what would be done, and does nothing" {
  up web1 /lab
  run_vmm pause -n web1
  assert_output "pause /lab/web1"
  assert_equal "$(vm_state web1)" running
}

@test "pause: several, in operand order; one failure stops no other" {
  up b /lab
  up a /lab
  guest off /lab
  run_vmm 1 pause -v b off a
  assert_output "/lab/b
/lab/a"
  assert_stderr_is_one_line "cannot pause '/lab/off'"
}

@test "pause: Ctrl-C while QEMU is stuck ends in time, and says what may come" {
  local pid
  up stuck
  signal STOP 'guest=stuck,'
  env --default-signal=INT vmm pause stuck 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  # the daemon is in the call: nobody else may change the VM
  wait_until 10 eval 'virsh -q domcontrol stuck | grep -q occupied'
  kill -INT "$pid"
  assert_ends "$pid" 130
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" \
    "vmm-pause: cannot pause '/stuck': interrupted; libvirt has not answered, and may still do it"
  signal CONT 'guest=stuck,'
  wait_state stuck paused
}

@test "pause: what was restored to be paused is, whatever libvirt calls it" {
  up web1 /lab
  vmm pause web1
  vmm save web1
  vmm start web1
  assert_match '^paused' "$(virsh -q domstate --reason web1)"
  run_vmm pause web1
  run_vmm start --paused web1
  run_vmm 1 stop web1
  assert_stderr_is_one_line "'/lab/web1': it is paused and cannot hear; 'vmm resume' resumes it"
  run_vmm stop --force web1
  assert_equal "$(vm_state web1)" "shut off"
}

# vmm resume, on real guests.

load helpers

teardown() {
  drop_guests
}

@test "resume: the guest goes on, and a running one is a success" {
  up web1 /lab
  run_vmm pause web1
  run_vmm resume -n web1
  assert_output "resume /lab/web1"
  assert_equal "$(vm_state web1)" paused
  run_vmm resume -v web1
  assert_output /lab/web1
  assert_goes_on web1
  run_vmm resume web1
  assert_stderr_is_empty
  run_vmm resume -n web1
  assert_output ""
}

@test "resume: a VM that is off is an error that names the way, and stays off" {
  guest web1
  run_vmm 1 resume web1
  assert_stderr_is_one_line "cannot resume '/web1': it is off; 'vmm start' boots it, or restores it"
  assert_equal "$(vm_state web1)" "shut off"
}

@test "resume: QEMU killed meanwhile is an error that says so" {
  local pid
  up stuck
  run_vmm pause stuck
  signal STOP 'guest=stuck,'
  vmm resume stuck 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  wait_until 10 eval 'virsh -q domcontrol stuck | grep -q occupied'
  signal KILL 'guest=stuck,'
  assert_ends "$pid" 1
  assert_match "^vmm-resume: cannot resume '/stuck': " "$(<"$BATS_TEST_TMPDIR/err")"
  assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/err")" 1
  wait_state stuck "shut off"
}

# vmm reset, on real guests.

load helpers

teardown() {
  drop_guests
}

@test "reset: boots the guest again, though it ignores the power button" {
  GUEST_DEAF=1 up deaf /lab
  run_vmm reset -n deaf
  assert_output "reset /lab/deaf"
  boots deaf 1
  run_vmm reset -v deaf
  assert_output /lab/deaf
  wait_until 10 boots deaf 2
  assert_equal "$(vm_state deaf)" running
  refute_match '^GUEST DEAF' "$(<"$SANDBOX/deaf.console")"
}

@test "reset: a VM that is off is an error that names the way" {
  guest web1
  run_vmm 1 reset web1
  assert_stderr_is_one_line "cannot reset '/web1': it is off; 'vmm start' boots it"
}

@test "reset: a paused VM stays paused, and boots when it goes on" {
  up web1
  run_vmm pause web1
  run_vmm reset web1
  assert_equal "$(vm_state web1)" paused
  run_vmm resume web1
  wait_until 10 boots web1 2
}

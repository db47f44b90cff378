# vmm reboot, on real guests.

load helpers

teardown() {
  drop_guests
}

@test "reboot: the guest shuts down and comes up again" {
  up web1 /lab
  run_vmm reboot -v web1
  assert_output /lab/web1
  console_wait web1 '^GUEST OFF'
  wait_until 10 boots web1 2
  assert_equal "$(vm_state web1)" running
}

@test "reboot: a guest that ignores it is status 5, and --force resets it" {
  GUEST_DEAF=1 up deaf
  run_vmm 5 reboot --timeout=1 deaf
  assert_stderr_is_one_line "cannot reboot '/deaf': it did not reboot within 1 second; 'vmm reset' does not ask it"
  boots deaf 1
  run_vmm reboot --timeout=0 --force deaf
  wait_until 10 boots deaf 2
}

@test "reboot: off, or paused, is an error that names the way" {
  guest web1
  run_vmm 1 reboot web1
  assert_stderr_is_one_line "cannot reboot '/web1': it is off; 'vmm start' boots it"
  up web2
  run_vmm pause web2
  run_vmm 1 reboot web2
  assert_stderr_is_one_line "it is paused and cannot hear; 'vmm resume' resumes it, 'vmm reset' does not ask it"
}

@test "reboot --dry-run, --no-wait, and what excludes what" {
  GUEST_DEAF=1 up deaf
  run_vmm reboot -n deaf
  assert_output "reboot /deaf"
  run_vmm reboot --no-wait deaf
  run_vmm 2 reboot --no-wait --force deaf
  run_vmm 2 reboot --mode=nicely deaf
  assert_equal "$(vm_state deaf)" running
}

@test "reboot: a VM that goes off instead is an error" {
  local pid
  GUEST_DEAF=1 up deaf
  vmm reboot deaf 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  console_wait deaf '^GUEST DEAF'
  virsh -q destroy deaf
  assert_ends "$pid" 1
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" \
    "vmm-reboot: cannot reboot '/deaf': it went off and did not come up; 'vmm start' boots it"
}

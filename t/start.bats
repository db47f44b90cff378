# vmm start, on real guests.

load helpers

teardown() {
  drop_guests
}

@test "start: boots a real guest, and prints nothing" {
  guest web1 /lab
  run_vmm start web1
  assert_output ""
  assert_stderr_is_empty
  assert_equal "$(vm_state web1)" running
  console_wait web1 '^GUEST READY'
}

@test "start: a running VM is a success" {
  guest web1
  run_vmm start web1
  run_vmm start -v web1
  assert_output /web1
}

@test "start: several at once, -v in operand order, one failure stops no other" {
  guest b /lab
  guest a /lab
  guest broken /lab
  rm "$SANDBOX_DISKS/broken.img"
  run_vmm 1 start -v b broken a nobody
  assert_output "/lab/b
/lab/a"
  assert_equal "${#stderr_lines[@]}" 2
  assert_match "^vmm-start: no VM 'nobody'$" "$stderr"
  assert_match "^vmm-start: cannot start '/lab/broken': .*No such file" "$stderr"
  assert_equal "$(vm_state a) $(vm_state b)" "running running"
}

@test "start: restores a saved state, and the guest's counter goes on" {
  local before
  guest web1
  run_vmm start web1
  console_wait web1 '^20$'
  virsh -q managedsave web1
  before=$(console_count web1)
  run_vmm ls -o saved,state web1
  assert_output $'yes\tshutoff'
  run_vmm start -n web1
  assert_output "restore /web1"
  run_vmm start web1
  console_wait web1 "^$((before + 5))$"
  assert_equal "$(grep -c 'GUEST READY' "$SANDBOX/web1.console")" 1
}

@test "start --fresh: throws the saved state away and boots" {
  guest web1
  run_vmm start web1
  console_wait web1 '^5$'
  virsh -q managedsave web1
  run_vmm start -n --fresh web1
  assert_output "boot /web1"
  run_vmm start --fresh web1
  run_vmm ls -o saved,state web1
  assert_output $'no\trunning'
  wait_until 10 bash -c '(($(grep -c "GUEST READY" "$1") == 2))' - \
    "$SANDBOX/web1.console"
}

@test "start: a damaged saved state is an error, and --fresh starts" {
  guest web1
  run_vmm start web1
  virsh -q managedsave web1
  local file
  for file in /var/lib/libvirt/qemu/save/web1.save \
    "$XDG_CONFIG_HOME/libvirt/qemu/save/web1.save"; do
    # the magic; libvirt throws a file away by itself that is too short
    [[ ! -e $file ]] || printf XXXX | dd of="$file" conv=notrunc status=none
  done
  run_vmm 1 start web1
  assert_stderr_is_one_line "cannot start '/web1': .*'vmm start --fresh' boots without"
  run_vmm start --fresh web1
  assert_equal "$(vm_state web1)" running
}

@test "start --paused: stops before the first instruction, start resumes" {
  guest web1
  run_vmm start --paused web1
  assert_equal "$(vm_state web1)" paused
  run_vmm start --paused web1
  [[ ! -s $SANDBOX/web1.console ]]
  run_vmm start -n web1
  assert_output "resume /web1"
  run_vmm start web1
  console_wait web1 '^GUEST READY'
  run_vmm 1 start --paused web1
  assert_stderr_is_one_line "cannot start '/web1': it is running already; 'vmm pause' pauses it as it is"
  run_vmm 1 start -n --paused web1
}

@test "start --dry-run: says what would be done, and does nothing" {
  guest web1 /lab
  guest web2 /lab
  virsh -q start web2
  run_vmm start -n '/lab/*'
  assert_output "boot /lab/web1"
  assert_equal "$(vm_state web1)" "shut off"
}

@test "start: more VMs than a connection has places for long calls" {
  local i names=()
  for i in {1..10}; do
    guest "many$i" /many
    names+=("many$i")
  done
  run_vmm start -j 10 -v '/many/*'
  assert_equal "${#lines[@]}" 10
  for i in "${names[@]}"; do
    assert_equal "$(vm_state "$i")" running
  done
}

@test "start: bad numbers, unknown options and no operands are usage errors" {
  run_vmm 2 start -j 0 web1
  assert_stderr_is_one_line "--jobs takes a number from 1 to 999999, not '0'"
  run_vmm 2 start -j 010x web1
  run_vmm 2 start --frob web1
  assert_stderr_is_one_line "^vmm-start: --frob: unknown option"
  run_vmm 2 start
}

@test "start: guests that are stuck do not hold the others up" {
  local i
  for i in {1..5}; do
    guest "stuck$i" /stuck
  done
  guest well /lab
  run_vmm start --paused '/stuck/*'
  signal STOP 'guest=stuck'
  timeout 60 vmm start -j 6 '/stuck/*' well >/dev/null 2>&1 3>&- &
  wait_state well running
  signal KILL 'guest=stuck'
  wait $! || :
}

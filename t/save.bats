# vmm save, on real guests.

load helpers

teardown() {
  signal CONT 'guest=' || :
  signal CONT libvirt_iohelper || :
  drop_guests
}

# called_off: libvirt has called its job off, by what VMM_DEBUG=1 has in the file
# err, where libvirt's calls stand, with the time, beside what was said to us
called_off() {
  sed -n '/virDomainAbortJob/,$p' "$BATS_TEST_TMPDIR/err" | grep -q virDomainFree
}

said() {
  grep '^vmm-[a-z]*: [^0-9]' "$BATS_TEST_TMPDIR/err"
}

@test "save: the guest's counter goes on after save and start" {
  local before
  up web1 /lab
  console_wait web1 '^20$'
  run_vmm save -v web1
  assert_output /lab/web1
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tyes'
  before=$(console_count web1)
  run_vmm start web1
  console_wait web1 "^$((before + 5))$"
  assert_goes_on web1
  run_vmm ls -o state,saved web1
  assert_output $'running\tno'
}

@test "save: prints nothing when all is well, and what is saved already is" {
  up web1
  run_vmm save web1
  assert_output ""
  assert_stderr_is_empty
  run_vmm save -v web1
  assert_output /web1
  run_vmm save -n web1
  assert_output ""
}

@test "save: a VM that is off has nothing to save" {
  guest web1
  run_vmm 1 save web1
  assert_stderr_is_one_line "^vmm-save: cannot save '/web1': it is off, so there is nothing to save$"
  run_vmm 1 save -n web1
}

@test "save: a transient VM is refused before it is touched" {
  up web1
  virsh -q undefine web1
  run_vmm 1 save web1
  assert_stderr_is_one_line "cannot save '/web1': it is transient: when it is off, nothing is left to restore"
  assert_equal "$(vm_state web1)" running
}

@test "save: a paused VM is paused again when it is restored" {
  up web1
  run_vmm pause web1
  run_vmm save web1
  run_vmm start web1
  assert_equal "$(vm_state web1)" paused
  run_vmm start web1
  assert_goes_on web1
}

@test "save --dry-run: says what would be done, and does nothing" {
  up web1 /lab
  run_vmm save -n web1
  assert_output "save /lab/web1"
  assert_equal "$(vm_state web1)" running
  run_vmm save -n --discard web1
  assert_output ""
  run_vmm save web1
  run_vmm save -n --discard web1
  assert_output "discard /lab/web1"
  run_vmm ls -o saved web1
  assert_output yes
}

@test "save --discard: the next start boots, and none is a success" {
  up web1
  run_vmm save web1
  run_vmm save --discard -v web1
  assert_output /web1
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tno'
  run_vmm save --discard web1
  run_vmm start -n web1
  assert_output "boot /web1"
}

@test "save: several, in operand order; one failure stops no other" {
  up b /lab
  up a /lab
  guest off /lab
  run_vmm 1 save -v b off a
  assert_output "/lab/b
/lab/a"
  assert_stderr_is_one_line "cannot save '/lab/off'"
}

@test "save: folder and labels are there after it and after the restore" {
  up web1 /lab red
  run_vmm save web1
  run_vmm ls -o path,labels web1
  assert_output $'/lab/web1\tred'
  run_vmm label -a blue web1
  run_vmm start web1
  run_vmm ls -o labels web1
  assert_output "red,blue"
}

@test "save: Ctrl-C calls it off, the guest goes on, and a message says so" {
  local pid
  GUEST_MEMORY=3000 up big /lab
  VMM_DEBUG=1 env --default-signal=INT vmm save big 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  # it cannot be done before it is called off
  saving_hold big
  kill -INT "$pid"
  wait_until 10 called_off
  saving_goes_on big
  assert_ends "$pid" 130
  assert_equal "$(said)" \
    "vmm-save: cannot save '/lab/big': interrupted; it was not saved and is running"
  run_vmm ls -o state,saved big
  assert_output $'running\tno'
  [[ ! -e $(save_file big) ]]
  assert_goes_on big
}

@test "save: Ctrl-C while QEMU is stuck ends in time, and says what may come" {
  local pid
  up stuck
  signal STOP 'guest=stuck,'
  env --default-signal=INT vmm save stuck 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  wait_until 10 eval 'virsh -q domcontrol stuck | grep -q background.job'
  kill -INT "$pid"
  wait_until 15 test ! -d "/proc/$pid"
  assert_ends "$pid" 130
  assert_equal "$(<"$BATS_TEST_TMPDIR/err")" \
    "vmm-save: cannot save '/stuck': interrupted; libvirt has not answered, and it may still be saved"
  signal CONT 'guest=stuck,'
  wait_until 10 eval 'vmm ls -o state,saved stuck | grep -qx -e "running.no" -e "shutoff.yes"'
  run_vmm start stuck
  assert_goes_on stuck
}

@test "save: those that Ctrl-C left waiting are not begun" {
  local pid i
  for i in 1 2 3; do
    GUEST_MEMORY=2000 up "big$i" /lab
  done
  VMM_DEBUG=1 vmm save -j 1 big1 big2 big3 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  saving_hold big1
  kill -TERM "$pid"
  wait_until 10 called_off
  saving_goes_on big1
  assert_ends "$pid" 143
  stderr=$(said)
  assert_match "'/lab/big1': interrupted; it was not saved and is running" "$stderr"
  assert_match "'/lab/big2': interrupted before it began" "$stderr"
  assert_match "'/lab/big3': interrupted before it began" "$stderr"
  run_vmm ls -o state,saved /lab/big2
  assert_output $'running\tno'
}

@test "save: a saved state beside a running VM is thrown away by start and stop" {
  local verb
  for verb in start stop; do
    guest "$verb" /lab
    virsh -q start "$verb"
    console_wait "$verb" '^2$'
    run_vmm save "$verb"
    # a client that goes round it, as a daemon that is killed may
    virsh -q dumpxml "$verb" >"$BATS_TEST_TMPDIR/xml"
    virsh -q create "$BATS_TEST_TMPDIR/xml"
    run_vmm ls -o state,saved "$verb"
    assert_output $'running\tyes'
    run_vmm "$verb" "$verb"
    assert_stderr_is_one_line "^vmm-$verb: warning: '/lab/$verb' had an old saved state although it was running; it was thrown away"
    run_vmm ls -o saved "$verb"
    assert_output no
  done
}

@test "save: beside another client's save to a file, which none of us ends or mistakes" {
  local saver ours file=$SANDBOX/elsewhere/big.save
  mkdir "$SANDBOX/elsewhere"
  GUEST_MEMORY=3000 up big /lab
  virsh -q save big "$file" 3>&- &
  saver=$!
  saving_hold big
  assert_equal "$(virsh -q domstate --reason big)" "paused (saving)"
  # it goes on by itself, or off
  run_vmm 1 pause big
  assert_stderr_is_one_line "cannot pause '/lab/big': it is busy \(.*\), and paused only meanwhile"
  run_vmm 1 start --paused big
  assert_stderr_is_one_line "cannot start '/lab/big': it is busy"
  run_vmm 1 stop big
  assert_stderr_is_one_line "cannot stop '/lab/big': it is busy"
  # ours waits for its turn, and what is called off is not theirs
  VMM_DEBUG=1 env --default-signal=INT vmm save big 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  ours=$!
  # VMM_DEBUG says when it is in libvirt's hands
  wait_until 30 grep -q virDomainManagedSave "$BATS_TEST_TMPDIR/err"
  kill -INT "$ours"
  assert_ends "$ours" 130
  assert_equal "$(said)" \
    "vmm-save: cannot save '/lab/big': interrupted; libvirt has not answered, and it may still be saved"
  saving_goes_on big
  wait "$saver"
  assert_equal "$(vm_state big)" "shut off"
  run_vmm 5 wait --for=saved --timeout=1 big
  test -s "$file"
}

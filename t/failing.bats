# Each call of the daemon fails in turn: what is planned then is the same, or an
# error says why there is no plan. What libvirt cannot say is no "no".
#
# check: sanitizers: it is for what a failure leaves behind, in memory, too

load helpers

teardown() {
  drop_guests
  rm -rf "${XDG_STATE_HOME:?}/vmm"
}

# failing N COMMAND...: as run_vmm, whatever becomes of it; sets $calls
failing() {
  local n=$1
  shift
  status=0
  "$VMM_SRCDIR/t/faulty" "$n" vmm "$@" \
    >"$BATS_TEST_TMPDIR/vmm.out" 2>"$BATS_TEST_TMPDIR/vmm.err" 3>&- || status=$?
  read_back output lines "$BATS_TEST_TMPDIR/vmm.out"
  read_back stderr stderr_lines "$BATS_TEST_TMPDIR/vmm.err"
  read -r calls _ <"$SANDBOX/faulty.calls"
}

how=''

# same_or_told COMMAND...: whichever call fails; with $how `cut:` the connection
# is lost there, which has a status of its own; with `gone:` the VM is no more
same_or_told() {
  local calls n planned expected
  failing 0 "$@"
  planned=$output expected=$status
  for ((n = 1; ; n++)); do
    failing "$how$n" "$@"
    ((calls >= n)) || break
    echo "$n of $calls: status $status: $stderr"
    case $status in
      0) assert_equal "$expected: $output$stderr" "0: $planned" ;;
      1 | 3 | 4) [[ $stderr ]] || fail "it failed, and said nothing" ;;
      *) fail "status $status" ;;
    esac
    [[ $how != cut: || $status == [03] ]] || fail "a lost connection is status 3"
    ! grep -v '^vmm-' <<<"${stderr:-vmm-}" || fail "that is no message"
    [[ $stderr != *"no error"* ]] || fail "the reason was lost"
  done
  ((n > 10)) || fail "only $n calls"
}

@test "failing: what a linked clone stands on" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone --linked web1 c1
  same_or_told flatten -n c1
}

@test "failing: what fsck finds to be whole" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone --linked web1 c1
  up web2 /lab
  same_or_told fsck
}

@test "failing: who needs what a VM has" {
  local disk
  guest web1 /lab
  disk=$(virsh -q domblklist web1 | awk 'NR == 1 { print $2 }')
  up other
  # only while it runs
  virsh -q attach-disk other "$disk" vdb --live --mode readonly
  run_vmm 4 rm -n --disks web1
  same_or_told rm -n --disks web1
}

@test "failing: which snapshots there are" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=one web1
  run_vmm snapshot --name=two web1
  run_vmm 1 snapshot -n --name=one web1
  same_or_told snapshot -n --name=one web1
  same_or_told snapshot -n --name=three web1
  same_or_told revert -n --to=one web1
  same_or_told snapshot -n --delete=one --children web1
  same_or_told snapshot --list web1
}

@test "failing: a VM that vanishes while it is looked at" {
  local command how=gone:
  guest web1 /lab
  for command in "start -n web1" "start -n $(vmm ls -o uuid web1)" "start -n -s shutoff web1"; do
    # shellcheck disable=SC2086
    same_or_told $command
  done
}

@test "failing: a connection that is lost" {
  local command how=cut:
  GUEST_FORMAT=qcow2 guest web1 /lab
  up web2 /lab
  for command in "ls -lR" "ls -o path,base,origin web1" "info web2" fsck "rm -n --disks web1" "mv -n web1 /new"; do
    # shellcheck disable=SC2086
    same_or_told $command
  done
}

@test "failing: a driver that knows of no saved states, snapshots or checkpoints" {
  # virDomainHasManagedSaveImage, virDomainSnapshotNum, virDomainListAllSnapshots,
  # virDomainListAllCheckpoints
  local command without=without:183,187,274,413
  GUEST_FORMAT=qcow2 guest web1 /lab
  for command in "ls -o saved,snapshots web1" "clone web1 full" \
    "clone --linked web1 c1" fsck "flatten c1" "rm --disks c1" "rm --disks full"; do
    # shellcheck disable=SC2086
    failing "$without" $command
    assert_equal "$status" 0
    refute_match 'not supported' "$stderr"
  done
  assert_equal "$(vmm ls -R)" /lab/web1
}

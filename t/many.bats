# Twenty real guests by one command each: more than the daemon serves at once,
# and nothing is dropped.
#
# check: sanitizers: the kind of libvirtd is all the same to it, and threads are not

load helpers

teardown() {
  signal CONT 'guest=m' 2>/dev/null || :
  drop_guests
}

# all STATE SAVED: all twenty are so
all() {
  run_vmm ls -R -o state,saved /many
  assert_equal "$(sort -u <<<"$output")" "$1"$'\t'"$2"
  assert_equal "${#lines[@]}" 20
}

@test "many: twenty VMs are started, saved, restored and stopped" {
  local i name jobs
  for i in {1..20}; do
    GUEST_FORMAT=qcow2 guest "m$i" /many
  done
  for jobs in 20 ''; do
    rm -f "$SANDBOX"/m*.console
    run_vmm start ${jobs:+-j "$jobs"} '/many/*'
    assert_stderr_is_empty
    all running no
    for i in {1..20}; do
      console_wait "m$i" '^2$' 30
    done
    run_vmm save ${jobs:+-j "$jobs"} -v '/many/*'
    assert_equal "$output" "$(printf '/many/m%d\n' {1..20})"
    assert_stderr_is_empty
    all shutoff yes
    run_vmm start ${jobs:+-j "$jobs"} '/many/*'
    assert_stderr_is_empty
    all running no
    for i in {1..20}; do
      count_wait "m$i" "$(($(console_count "m$i") + 1))" 30
      boots "m$i" 1
    done
    run_vmm pause '/many/*'
    run_vmm resume '/many/*'
    run_vmm stop ${jobs:+-j "$jobs"} '/many/*'
    assert_stderr_is_empty
    all shutoff no
  done
  for name in "$SANDBOX_DISKS"/*.qcow2; do
    qemu-img check -q "$name"
  done
}

# asked: so many saves were asked of libvirt, to whom VMM_DEBUG=1 says so
asked() {
  (($(grep -c virDomainManagedSave "$BATS_TEST_TMPDIR/err") == $1))
}

# QEMU that does not go on makes each save as long as it takes to look at what
# other clients get meanwhile; what they ask has to wait for a worker of the
# daemon's, unlike virsh list and domstate, which have workers of their own.
@test "many: another client gets its answers while twenty are saved" {
  local i pid readers=()
  for i in {1..20}; do
    guest "m$i" /many
  done
  guest other /lab
  run_vmm start '/many/*'
  signal STOP 'guest=m'
  VMM_DEBUG=1 vmm save -j 20 '/many/*' 3>&- 2>"$BATS_TEST_TMPDIR/err" &
  pid=$!
  wait_until 30 asked 12
  for i in {1..8}; do
    timeout 30 virsh -q dumpxml --domain other 3>&- >/dev/null &
    readers+=($!)
  done
  timeout 30 virsh -q desc --domain other --config --new-desc changed
  timeout 30 virsh -q start other
  for i in "${readers[@]}"; do
    wait "$i"
  done
  asked 12
  signal CONT 'guest=m'
  assert_ends "$pid" 0
  asked 20
  all shutoff yes
}

# went REASON NAME: the VM is off, for that reason
went() {
  [[ $(virsh domstate --reason "$2") == "shut off ($1)"* ]]
}

# Twelve guests are asked at a time. QEMU that does not go on holds their places
# until --timeout, and whoever waits for one has not been asked.
stuck_and_well() {
  local i
  for i in {1..13}; do
    guest "m$i" /many
  done
  guest well /many
  run_vmm start '/many/*'
  console_wait well '^2$' 60
  signal STOP 'guest=m'
}

@test "many: who waits to be asked is not powered off for that" {
  local pid
  stuck_and_well
  vmm stop --force --timeout=10 '/many/*' 3>&- &
  pid=$!
  wait_until 90 went shutdown well
  wait_until 30 went destroyed m1
  signal KILL 'guest=m' # libvirt takes ten seconds for four of them
  wait "$pid" || :
}

@test "many: whoever is given up holds nobody up" {
  stuck_and_well
  run_vmm 5 stop --timeout=10 '/many/*'
  assert_equal "${#stderr_lines[@]}" 13
  went shutdown well
  signal KILL 'guest=m'
}

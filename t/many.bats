# Twenty real guests by one command each: more than the daemon serves at once,
# and nothing is dropped.

load helpers

teardown() {
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
      assert_equal "$(grep -c '^GUEST READY' "$SANDBOX/m$i.console")" 1
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

@test "many: another client gets its answers while twenty are saved" {
  local i pid answers=0
  for i in {1..20}; do
    guest "m$i" /many
  done
  run_vmm start '/many/*'
  vmm save -j 20 '/many/*' 3>&- &
  pid=$!
  while [[ -d /proc/$pid ]]; do
    timeout 60 virsh -q list --all >/dev/null
    [[ ! -d /proc/$pid ]] || answers=$((answers + 1))
  done
  ((answers))
  assert_ends "$pid" 0
  all shutoff yes
}

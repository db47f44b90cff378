# What is left when vmm clone or libvirtd is killed in the middle: the source
# boots, its data is whole, and vmm fsck lists whatever nobody needs.

load helpers

teardown() {
  drop_guests
  rm -rf "${XDG_STATE_HOME:?}/vmm/volumes"
}

# dangling: files in the pool that no VM has or stands on
dangling() {
  local file
  comm -23 <(find "$SANDBOX_DISKS" -type f | sort) \
    <(tops | while IFS= read -r file; do
      qemu-img info -U --backing-chain --output=json "$file"
    done | jq -r '.[].filename' | sort -u)
}

# tops: the files that VMs have now or start with
tops() {
  virsh -q list --all --uuid |
    sed '/./!d; h; s/^/domblklist /p; g; s/^/domblklist --inactive /' |
    virsh -q | grep -o ' /.*' | cut -c2- | sort -u
}

# is_clean: what dangles is listed by fsck, and freed if vmm made it; only an
# overlay that libvirt made for the source and did not take is the user's
is_clean() {
  local left='' file
  # libvirtd can still be making what it was asked for last
  until
    run vmm fsck
    [[ $left == "$(dangling)" ]]
  do left=$(dangling); done
  while IFS= read -r file; do
    [[ ! $file ]] || assert_match "^$file	it is " "$output"
  done <<<"$left"
  # a note of what never came to be is no news
  [[ $left || $output ]] || return 0
  # where nothing is left QEMU writes to an overlay that libvirt forgot
  [[ $left ]] ||
    assert_match "^/lab/web1	it (writes|may be writing) its disk hda to " "$output"
  # a copy that was cut short can be anybody's by now: it is told, and stays
  wait_until 30 virsh -q pool-refresh default
  run vmm fsck --repair
  left=$(dangling)
  while IFS= read -r file; do
    [[ ! $file || $file == */web1-hda-* ]] ||
      assert_match "^$file	it is .* may have left it" "$output"
  done <<<"$left"
  [[ ! $left ]] || xargs rm <<<"$left"
  virsh -q pool-refresh default
  run_vmm fsck
  assert_output ""
}

# source_is_whole COUNT: it boots from what it had written
source_is_whole() {
  local file
  run_vmm stop --now web1
  file=$(virsh -q domblklist --inactive web1 | awk 'NR == 1 { print $2 }')
  qemu-img check -q "$file"
  qemu-img convert -f qcow2 -O raw "$file" "$BATS_TEST_TMPDIR/raw"
  (($(dd if="$BATS_TEST_TMPDIR/raw" bs=512 skip=1 count=1 status=none | head -n 1 | tr -d '\0') >= $1)) ||
    fail "what the guest had written is lost"
  rm "$SANDBOX/web1.console"
  run_vmm start web1
  console_wait web1 '^2$'
}

drop_clones() {
  printf 'undefine %s\n' c1 c2 c3 | virsh -q &>/dev/null || :
  rm -f "$SANDBOX_DISKS"/c[123]-*
  rm -rf "${XDG_STATE_HOME:?}/vmm/volumes"
  virsh -q pool-refresh default
}

# interrupt_at SIGNAL MOMENT CLONE-OPTION...
interrupt_at() {
  local signal=$1 after=$2 pid
  shift 2
  # a shell's child in the background is deaf to SIGINT
  env --default-signal=INT vmm clone "$@" web1 c1 c2 c3 >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  sleep "$after"
  kill -s "$signal" "$pid" 2>/dev/null || :
  wait "$pid" || : # of the signal, or done before
}

@test "clone-faults: SIGINT and SIGTERM at twenty moments leave all or nothing" {
  local after long signal at n
  GUEST_FORMAT=qcow2 up web1 /lab
  long=$(seconds vmm clone -q --linked web1 c1 c2 c3)
  drop_clones
  for signal in INT TERM; do
    for after in $(moments 20 "$long"); do
      at=$(console_count web1)
      interrupt_at "$signal" "$after" --linked
      n=$(virsh -q list --all --name | grep -cE '^c[123]$') || :
      ((n == 0 || n == 3)) || fail "$n clones: $(<"$BATS_TEST_TMPDIR/err")"
      [[ $n != 3 ]] || assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/out")" 3
      [[ ! $(ls -A "$XDG_STATE_HOME/vmm/volumes" 2>/dev/null) ]] || fail "a note is left"
      [[ $n == 3 || ! $(compgen -G "$SANDBOX_DISKS/c*") ]] || fail "left: $(ls "$SANDBOX_DISKS")"
      drop_clones
    done
    assert_goes_on web1
    source_is_whole "$at"
  done
}

@test "clone-faults: SIGKILL at twenty moments leaves nothing that fsck does not list" {
  local after long at
  GUEST_FORMAT=qcow2 up web1 /lab
  long=$(seconds vmm clone -q --linked web1 c1 c2 c3)
  drop_clones
  for after in $(moments 20 "$long"); do
    at=$(console_count web1)
    interrupt_at KILL "$after" --linked
    is_clean
    drop_clones
  done
  assert_goes_on web1
  source_is_whole "$at"
}

@test "clone-faults: libvirtd killed at twenty moments, the source off" {
  local after long
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm stop web1
  at=$(disk_count web1)
  long=$(seconds vmm clone -q --linked web1 c1 c2 c3)
  drop_clones
  for after in $(moments 20 "$long"); do
    vmm clone --linked web1 c1 c2 c3 2>"$BATS_TEST_TMPDIR/err" >/dev/null 3>&- &
    pid=$!
    sleep "$after"
    daemon kill
    wait "$pid" || :
    daemon start
    is_clean
    drop_clones
  done
  source_is_whole "$at"
}

@test "clone-faults: libvirtd killed at twenty moments, the source running" {
  local after long at pid
  GUEST_FORMAT=qcow2 up web1 /lab
  long=$(seconds vmm clone -q --linked web1 c1 c2 c3)
  drop_clones
  for after in $(moments 20 "$long"); do
    at=$(console_count web1)
    vmm clone --linked web1 c1 c2 c3 2>"$BATS_TEST_TMPDIR/err" >/dev/null 3>&- &
    pid=$!
    sleep "$after"
    daemon kill
    wait "$pid" || :
    daemon start
    assert_goes_on web1
    is_clean
    source_is_whole "$at"
    drop_clones
  done
}

@test "clone-faults: a copy that is interrupted is waited for and removed, or left to fsck" {
  local after
  guest web1 /lab
  dd if=/dev/urandom of="$SANDBOX_DISKS/web1.img" bs=1M seek=1 count=200 conv=notrunc status=none
  virsh -q pool-refresh default
  for after in 0.1 0.2 0.4; do
    interrupt_at INT "$after"
    assert_equal "$(ls "$SANDBOX_DISKS")" web1.img
    interrupt_at KILL "$after"
    # libvirt goes on copying; until that is done the pool cannot be read
    wait_until 30 virsh -q pool-refresh default
    is_clean
    drop_clones
  done
}

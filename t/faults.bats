# What is left when QEMU, libvirtd or the disk fails in the middle: state, saved
# state and disk agree, and the next command works.
#
# check: release: whoever is killed tells no leaks, and what libvirtd does is the same

load helpers

teardown() {
  signal CONT 'guest=' || :
  [[ ! ${limited-} ]] || unlimit_saves
  drop_guests
  ! mountpoint -q "$SANDBOX/small" || umount "$SANDBOX/small"
}

# disk_is_whole NAME: of a VM that is off
disk_is_whole() {
  qemu-img check -q "$SANDBOX_DISKS/$1.qcow2"
}

# For FAULTY_IN, of web1: its QEMU is there, and not the one of before, $old; its
# process id is noted; there is none; its guest has said more than $said bytes
pid="cat '$SANDBOX'/run/libvirt/qemu/web1.pid '$SANDBOX'/run/libvirt/qemu/run/web1.pid 2>/dev/null"
begun="now=\$($pid); [ \"\$now\" ] && [ \"\$now\" != \"\$old\" ]"
noted="grep -qs \"^<domstatus .* pid='[1-9]\" '$SANDBOX'/run/libvirt/qemu/web1.xml '$SANDBOX'/run/libvirt/qemu/run/web1.xml"
over="! $pid | grep -q ."
speaks="[ \$(stat -c %s '$SANDBOX/web1.console') -gt \"\$said\" ]"

# at_every_point FUNCTION [FAULTY_IN...]: libvirtd is killed before, in and after
# each change of a command, and where the first is as far as FAULTY_IN says
at_every_point() {
  local FAULTY_IN
  at_every_change "daemon:before daemon:in daemon:after" "$1"
  for FAULTY_IN in "${@:2}"; do
    export FAULTY_IN old said
    echo "$FAULTY_IN"
    "$1" daemon:in:c1
  done
}

# look: what there is of web1 before something is struck
look() {
  old=$(eval "$pid") || :
  said=$(stat -c %s "$SANDBOX/web1.console")
}

starts() {
  run_vmm stop --now web1
  look
  daemon_struck "$1" vmm start web1
  run_vmm ls -o state,saved web1
  assert_match '^(running|paused|shutoff)	no$'
  run_vmm start web1
  count_wait web1 "$(console_count web1)"
}

@test "faults: libvirtd killed while a VM starts, at every call that changes something" {
  GUEST_FORMAT=qcow2 up web1 /lab
  at_every_point starts "$begun" "$noted"
  run_vmm stop web1
  disk_is_whole web1
}

saves() {
  run_vmm start web1
  assert_goes_on web1
  look
  daemon_struck "$1" vmm save web1
  run_vmm ls -o state,saved web1
  case $output in
    running$'\t'no) ;;
    # for a save it is paused first, and saved as it is then it would be
    # paused again
    paused$'\t'no) run_vmm start web1 ;;
    running$'\t'yes) # half a saved state: start and save both mend that
      run_vmm start web1
      assert_stderr_is_one_line "warning: '/lab/web1' had an old saved state"
      ;;
    shutoff$'\t'yes) disk_is_whole web1 ;;
    *) fail "neither running nor saved: $output" ;;
  esac
  run_vmm save web1
  run_vmm ls -o state,saved web1
  assert_output $'shutoff\tyes'
  disk_is_whole web1
}

@test "faults: libvirtd killed while a VM is saved, at every call that changes something" {
  GUEST_FORMAT=qcow2 GUEST_MEMORY=500 up web1 /lab
  at_every_point saves "test -s '$(save_file web1)'" "$over"
  run_vmm start web1
  assert_goes_on web1
}

restores() {
  local paused
  run_vmm save web1
  look
  daemon_struck "$1" vmm start web1
  run_vmm ls -o state,saved web1
  case $output in
    running$'\t'no | shutoff$'\t'yes) run_vmm start web1 ;;
    # the memory is all there: the saved state is of no use any more
    running$'\t'yes | paused$'\t'yes)
      paused=${output#running$'\t'yes}
      run_vmm start web1
      # or libvirtd was about to end it, and it is restored
      [[ $paused && ! $stderr ]] ||
        assert_stderr_is_one_line "warning: '/lab/web1' had an old saved state"
      ;;
    *) fail "neither running nor saved: $output" ;;
  esac
  assert_goes_on web1
  run_vmm ls -o state,saved web1
  assert_output $'running\tno'
}

@test "faults: libvirtd killed while a VM is restored, at every call that changes something" {
  GUEST_FORMAT=qcow2 GUEST_MEMORY=500 up web1 /lab
  at_every_point restores "$begun" "$noted" "$speaks"
  run_vmm stop web1
  disk_is_whole web1
}

# ends PID: sets $ended, its status
ends() {
  ended=0
  wait_until 60 is_gone "$1"
  wait "$1" || ended=$?
}

@test "faults: QEMU killed while a VM is saved is an error, and it boots again" {
  local pid try ended
  GUEST_FORMAT=qcow2 GUEST_MEMORY=3000 up big /lab
  # on a busy machine it may be done before we are: then once more
  for try in {1..5}; do
    vmm save big 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    # it is not over while what writes the file is stopped
    wait_until 10 eval 'signal STOP "libvirt_iohelper .*/big[.]save" || is_gone $pid'
    signal KILL 'guest=big,' || :
    signal CONT 'libvirt_iohelper .*/big[.]save' || :
    ends "$pid"
    ((ended == 0)) || break
    echo "try $try came too late"
    run_vmm start big
  done
  assert_equal "$ended" 1
  assert_match "^vmm-save: cannot save '/lab/big': " "$(<"$BATS_TEST_TMPDIR/err")"
  assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/err")" 1
  run_vmm ls -o state,saved big
  assert_output $'shutoff\tno'
  disk_is_whole big
  rm "$SANDBOX/big.console"
  run_vmm start big
  count_wait big 2
}

@test "faults: QEMU killed while a VM is restored keeps the saved state" {
  local pid try ended
  GUEST_FORMAT=qcow2 GUEST_MEMORY=3000 up big /lab
  # on a busy machine it may be done before we are: then once more
  for try in {1..5}; do
    run_vmm save big
    vmm start big 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    catches KILL 'guest=big,'
    ends "$pid"
    ((ended == 0)) || break
    echo "try $try came too late"
    rm "$SANDBOX/big.console"
    wait_state big 'shut off'
    run_vmm start big
    console_wait big '^2$'
  done
  assert_equal "$ended" 1
  run_vmm ls -o state,saved big
  assert_output $'shutoff\tyes'
  run_vmm start big
  assert_goes_on big
}

@test "faults: QEMU stopped during a save does not hold the others up" {
  local pid
  up stuck /lab
  up well /lab
  signal STOP 'guest=stuck,'
  vmm save stuck well 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  wait_until 10 eval '[[ $(vmm ls -o saved well) == yes ]]'
  signal CONT 'guest=stuck,'
  assert_ends "$pid" 0
  run_vmm ls -o state,saved stuck
  assert_output $'shutoff\tyes'
}

# limit_saves: managed saves have less than half a mebibyte
limit_saves() {
  limited=yes
  if [[ $SANDBOX_MODE == system ]]; then
    mkdir -p /var/lib/libvirt/qemu/save
    mount -t tmpfs -o size=256k tmpfs /var/lib/libvirt/qemu/save
  else
    # an ordinary user can mount nothing; no file may grow beyond that
    prlimit --pid "$(daemon pid)" --fsize=262144
  fi
}

unlimit_saves() {
  limited=''
  if [[ $SANDBOX_MODE == system ]]; then
    umount /var/lib/libvirt/qemu/save
  else
    prlimit --pid "$(daemon pid)" --fsize=unlimited 2>/dev/null ||
      { daemon stop && daemon start; }
  fi
}

@test "faults: no space for the save is an error, and the guest goes on" {
  GUEST_FORMAT=qcow2 up web1 /lab
  limit_saves
  run_vmm 1 save web1
  assert_stderr_is_one_line "^vmm-save: cannot save '/lab/web1': "
  run_vmm ls -o state,saved web1
  assert_output $'running\tno'
  assert_goes_on web1
  unlimit_saves
  run_vmm save web1
  run_vmm start web1
  assert_goes_on web1
  run_vmm stop web1
  disk_is_whole web1
}

snapshots() {
  look
  size=$(stat -c %s "$SANDBOX_DISKS/web1.qcow2")
  daemon_struck "$1" vmm snapshot --name="s$((++number))" web1
  run_vmm start web1
  assert_goes_on web1
}

@test "faults: libvirtd killed during a snapshot, at every call that changes something" {
  local number=0 held listed size
  GUEST_FORMAT=qcow2 GUEST_MEMORY=300 up web1 /lab
  export size
  at_every_point snapshots "[ \$(stat -c %s '$SANDBOX_DISKS/web1.qcow2') -gt \$size ]"
  # in the middle some are in the disk that libvirt does not know
  run_vmm fsck --repair web1
  run_vmm fsck web1
  assert_output ""
  run_vmm stop web1
  disk_is_whole web1
  listed=$(vmm snapshot -o name web1 | sort)
  held=$(qemu-img snapshot -l "$SANDBOX_DISKS/web1.qcow2" | awk 'NR > 2 { print $2 }' | sort)
  assert_equal "$held" "$listed"
}

reverts() {
  look
  daemon_struck "$1" vmm revert web1
  run_vmm ls -o labels web1
  assert_output "red,blue"
  run_vmm revert web1
  run_vmm ls -o state,labels web1
  assert_output $'running\tred,blue'
  count_wait web1 "$(console_count web1)"
}

@test "faults: libvirtd killed during a revert, at every call that changes something" {
  GUEST_FORMAT=qcow2 up web1 /lab red
  run_vmm snapshot --name=clean web1
  run_vmm label -a blue web1
  at_every_point reverts "$over" "$begun" "$noted"
  run_vmm stop web1
  disk_is_whole web1
}

@test "faults: no space for a snapshot is an error, and going back works" {
  local dir=$SANDBOX/small
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a small file system"
  mkdir "$dir"
  mount -t tmpfs -o size=2m tmpfs "$dir"
  GUEST_FORMAT=qcow2 guest web1 /lab
  mv "$SANDBOX_DISKS/web1.qcow2" "$dir"
  virsh -q dumpxml web1 | sed "s,$SANDBOX_DISKS,$dir," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm start web1
  console_wait web1 '^2$'
  run_vmm snapshot --name=one web1
  dd if=/dev/zero of="$dir/full" bs=4k status=none || :
  run_vmm 1 snapshot --name=two web1
  assert_stderr_is_one_line "^vmm-snapshot: cannot snapshot '/lab/web1': "
  run_vmm snapshot -o name web1
  assert_output one
  run_vmm start web1
  run_vmm revert web1
  rm "$dir/full"
  run_vmm start web1 # it may have found no space for its own writes
  count_wait web1 "$(console_count web1)"
  run_vmm stop --now web1
  qemu-img check -q "$dir/web1.qcow2"
}

# vmm clone, on real guests: the system daemon's over TCP, where no file can be
# opened by its path, the session daemon's over its socket.

load helpers

setup_file() {
  [[ $SANDBOX_MODE == session ]] || over_tcp
}

teardown_file() {
  [[ ! ${PROXY-} ]] || kill "$PROXY"
}

teardown() {
  drop_guests
  rm -rf "$SANDBOX/outside" "$SANDBOX/nvram"
  virsh -q pool-destroy other 2>/dev/null || :
}

# disk NAME FILE...: prints domain XML for extra disks hdb, hdc, ...
extra_disks() {
  local file letter=b
  for file; do
    printf "<disk type='file' device='disk'><driver name='qemu' type='%s'/><source file='%s'/><target dev='hd%s' bus='ide'/></disk>" \
      "$(if [[ $file == *.qcow2 ]]; then echo qcow2; else echo raw; fi)" "$file" "$letter"
    letter=$(tr b-y c-z <<<"$letter")
  done
}

# redefine NAME SED-EXPRESSION...: edits its definition
redefine() {
  local name=$1
  shift
  virsh -q dumpxml --inactive --domain "$name" >"$BATS_TEST_TMPDIR/redefine"
  sed -i "$@" "$BATS_TEST_TMPDIR/redefine"
  virsh -q define "$BATS_TEST_TMPDIR/redefine"
}

# sum FILE...
sum() {
  cat "$@" | sha256sum
}

# top NAME: the file that its first disk writes to
top() {
  virsh -q domblklist --inactive --domain "$1" | awk 'NR == 1 { print $2 }'
}

# nothing_left NAME...: neither VMs nor volumes, nor notes of them
nothing_left() {
  local name
  for name; do
    ! virsh -q domuuid --domain "$name" 2>/dev/null || fail "there is a VM '$name'"
    [[ ! $(compgen -G "$SANDBOX_DISKS/$name-*") ]] || fail "volumes: $(ls "$SANDBOX_DISKS")"
  done
  [[ ! $(ls -A "$XDG_STATE_HOME/vmm/volumes" 2>/dev/null) ]] || fail "a note is left"
}

@test "clone: these tests run over TCP where root runs them" {
  [[ $SANDBOX_MODE == session || $(virsh -q uri) == qemu+tcp://127.* ]]
}

@test "clone: a full one has the data, a disk and an identity of its own" {
  local before
  GUEST_FORMAT=qcow2 up web1 /lab red
  run_vmm stop web1
  before=$(disk_count web1)
  run_vmm clone web1 web2
  assert_output /lab/web2
  assert_stderr_is_empty
  assert_equal "$(top web2)" "$SANDBOX_DISKS/web2-hda.qcow2"
  assert_equal "$(disk_count web2-hda)" "$before"
  assert_equal "$(qemu-img info --output=json "$(top web2)" | jq -r '."backing-filename"')" null
  run_vmm ls -o path,labels,origin web2
  assert_output $'/lab/web2\tred\t-'
  assert_equal "$(top web1)" "$SANDBOX_DISKS/web1.qcow2"
  forget web1
  run_vmm start web1 web2
  console_wait web1 '^5$'
}

@test "clone: a raw disk stays raw" {
  guest web1 /lab
  run_vmm clone web1 web2
  assert_equal "$(top web2)" "$SANDBOX_DISKS/web2-hda.img"
  assert_equal "$(sum "$SANDBOX_DISKS/web1.img")" "$(sum "$SANDBOX_DISKS/web2-hda.img")"
  # and what it does not use takes no room
  truncate -s 200M "$SANDBOX_DISKS/web1.img"
  virsh -q pool-refresh default
  run_vmm clone web1 web3
  (($(du -k "$SANDBOX_DISKS/web3-hda.img" | cut -f1) < 10000))
  assert_match "<driver name='qemu' type='raw'/>" "$(virsh dumpxml web2)"
}

@test "clone: a source that runs, is paused or saved is not copied" {
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm 4 clone web1 web2
  assert_stderr_is_one_line "cannot clone '/lab/web1': it is running, and a copy of disks in use is damaged; 'vmm clone --linked' clones it as it is, 'vmm stop' stops it"
  run_vmm pause web1
  run_vmm 4 clone web1 web2
  run_vmm resume web1
  run_vmm save web1
  run_vmm 4 clone web1 web2
  assert_stderr_is_one_line "it has a saved state"
  run_vmm 4 clone --linked web1 web2
  assert_stderr_is_one_line "it has a saved state"
  nothing_left web2
}

@test "clone --linked: nobody writes to the base, whoever starts what" {
  local base before
  GUEST_FORMAT=qcow2 up web1 /lab red
  run_vmm stop web1
  before=$(disk_count web1)
  base=$(sum "$SANDBOX_DISKS/web1.qcow2")
  run_vmm clone --linked web1 c1 c2
  assert_output $'/lab/c1\n/lab/c2'
  assert_stderr_is_one_line "'/lab/web1' now writes its disk hda to '.*'; '.*/web1.qcow2' is the base of its clones"
  assert_equal "$(disk_count c1-hda)" "$before"
  run_vmm ls -o origin,base,labels c1
  assert_output $'/lab/web1\t'"$SANDBOX_DISKS/web1.qcow2"$'\tred'
  virsh -q start web1
  run_vmm start c1 c2
  count_wait web1 $((before + 10))
  virsh -q managedsave web1
  virsh -q start web1
  virsh -q snapshot-create-as web1 s1
  virsh -q snapshot-revert web1 s1
  run_vmm stop --now '/lab/*'
  assert_equal "$(sum "$SANDBOX_DISKS/web1.qcow2")" "$base"
  # a sibling's writes are its own
  [[ $(sum "$SANDBOX_DISKS/c1-hda.qcow2") != "$(sum "$SANDBOX_DISKS/c2-hda.qcow2")" ||
    $(disk_count c1-hda) != "$before" ]]
}

@test "clone --linked: a source that runs goes on, with its clones beside it" {
  local base at
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm clone --linked web1 c1
  at=$(disk_count c1-hda)
  ((at >= 2))
  base=$(sum "$SANDBOX_DISKS/web1.qcow2")
  assert_goes_on web1
  # the next start has the overlay, too, and no word of what it stands on
  assert_match "source file='.*web1-hda-.*qcow2'" "$(virsh -q dumpxml --inactive web1)"
  refute_match '<backingStore' "$(virsh -q dumpxml --inactive web1)"
  run_vmm start c1
  run_vmm stop web1
  forget web1
  run_vmm start web1
  count_wait web1 5
  run_vmm stop --now web1 c1
  assert_equal "$(sum "$SANDBOX_DISKS/web1.qcow2")" "$base"
}

@test "clone --linked: a source that goes off meanwhile is cloned all the same" {
  local i clone
  for i in 1 2 3; do
    GUEST_FORMAT=qcow2 up "web$i" /lab
    vmm clone --linked "web$i" "c$i" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    clone=$!
    # QEMU makes the file, and is not told to write there yet
    NAP=0 wait_until 20 compgen -G "$SANDBOX_DISKS/web$i-hda-*"
    signal KILL "guest=web$i,"
    assert_ends "$clone" 0
    assert_equal "$(vm_state "web$i")" "shut off"
    assert_match "'/lab/web$i' now writes its disk hda" "$(<"$BATS_TEST_TMPDIR/err")"
    assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/err")" 1
    [[ $(top "web$i") == "$SANDBOX_DISKS/web$i-hda-"* ]]
  done
  # one whose guest shuts down
  forget web1
  run_vmm start web1
  console_wait web1 '^2$'
  virsh -q shutdown web1
  run_vmm clone --linked web1 d1
  wait_state web1 "shut off"
  run_vmm fsck
  run_vmm start '/lab/*'
}

@test "clone --linked: paused, and transient sources" {
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm pause web1
  run_vmm clone --linked web1 c1
  assert_equal "$(vm_state web1)" paused
  run_vmm resume web1
  assert_goes_on web1
  virsh -q undefine web1 # transient now
  run_vmm clone --linked web1 c2
  assert_goes_on web1
  run_vmm ls -o origin c2
  assert_output /lab/web1
}

@test "clone --linked: what is still empty needs no second overlay" {
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm stop web1
  run_vmm clone --linked web1 c1
  run_vmm clone --linked web1 c2
  assert_stderr_is_empty
  assert_equal "$(compgen -G "$SANDBOX_DISKS/web1-hda-*" | wc -l)" 1
  forget web1 # a button that is pressed while it boots is lost
  run_vmm start web1
  count_wait web1 3
  run_vmm stop web1
  run_vmm clone --linked web1 c3
  assert_stderr_is_one_line "now writes its disk"
  assert_equal "$(compgen -G "$SANDBOX_DISKS/web1-hda-*" | wc -l)" 2
}

@test "clone --linked: a clone of a clone" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone --linked web1 c1
  run_vmm clone --linked c1 d1
  run_vmm ls -o origin,base d1
  # nothing was written to c1 yet: both stand on the same
  assert_output $'/lab/c1\t'"$SANDBOX_DISKS/web1.qcow2"
  run_vmm start c1 d1
}

@test "clone --linked: a chain that grows deep is said, with the way out" {
  GUEST_FORMAT=qcow2 up web1 /lab
  local i
  for i in {1..8}; do
    run_vmm clone --linked web1 "c$i"
    refute_match 'vmm flatten' "$stderr"
  done
  run_vmm clone --linked web1 c9
  assert_match "warning: the disk hda of '/lab/web1' stands on .* files.*'vmm flatten'" "$stderr"
}

@test "clone: all or nothing, and what was there before stays" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  echo precious >"$SANDBOX_DISKS/c2-hda.qcow2"
  run_vmm 1 clone --linked web1 c1 c2 c3
  assert_match "volume '.*c2-hda.qcow2'" "$stderr"
  nothing_left c1 c3
  assert_equal "$(<"$SANDBOX_DISKS/c2-hda.qcow2")" precious
  run_vmm 1 clone web1 c1 c2 c3
  assert_match "there is a volume '.*c2-hda.qcow2' already" "$stderr"
  assert_equal "$(<"$SANDBOX_DISKS/c2-hda.qcow2")" precious
  rm "$SANDBOX_DISKS/c2-hda.qcow2"
  virsh -q pool-refresh default
  nothing_left c1 c2 c3
  run_vmm clone web1 c1 c2 c3
}

@test "clone: names that are taken, given twice, or none" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  GUEST_FORMAT=qcow2 guest web2 /other
  local before
  before=$(top web1)
  run_vmm 1 clone --linked web1 c1 web2
  assert_stderr_is_one_line "there is a VM 'web2' already"
  run_vmm 1 clone --linked web1 c1 c1
  assert_stderr_is_one_line "the name 'c1' is given twice"
  run_vmm 2 clone web1
  run_vmm 2 clone
  run_vmm 2 clone web1 a/b
  run_vmm 2 clone web1 ..
  run_vmm 2 clone web1 ''
  run_vmm 1 clone '/**' c1
  assert_stderr_is_one_line "one at a time is cloned"
  run_vmm 1 clone nosuch c1
  run_vmm 1 clone --linked web1 "$(printf 'x%.0s' {1..246})"
  assert_stderr_is_one_line "too long for its volume's"
  nothing_left c1
  assert_equal "$(top web1)" "$before"
}

@test "clone: names with blanks, quotes, globs and a dash" {
  local name
  GUEST_FORMAT=qcow2 guest "a \$(x) 'q'" /lab
  # shellcheck disable=SC2016
  for name in '-dash' 'b l' '`id`' "it's" 'a[1]*' 'ünï,=' '<&>"'; do
    run_vmm clone --linked -- "a \$(x) 'q'" "$name"
    assert_output "/lab/$name"
    run_vmm start -- "$name"
    run_vmm stop --now -- "$name"
  done
}

@test "clone: --folder and --add-label" {
  GUEST_FORMAT=qcow2 guest web1 /lab red
  run_vmm clone --linked --folder=attic/x/ --add-label=blue --add-label=red web1 c1
  assert_output /attic/x/c1
  run_vmm ls -o labels c1
  assert_output red,blue
  run_vmm 2 clone --folder=/a/../b web1 c2
  run_vmm clone --folder=/ web1 c2
  assert_output /c2
}

@test "clone --start: they run; one that does not start undoes nothing" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone --linked --start web1 c1 c2
  assert_equal "$(vm_state c1)$(vm_state c2)" runningrunning
  redefine web1 -e "s,<memballoon.*,<memballoon model='none'/><serial type='dev'><source path='/nonexistent'/></serial>,"
  run_vmm 1 clone --linked --start web1 c3
  assert_output /lab/c3
  assert_match "the clones are there, but '/lab/c3' does not start: " "$stderr"
  assert_equal "$(vm_state c3)" "shut off"
}

@test "clone -n: says what would be done, and does nothing" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone -n web1 c1 c2
  assert_output $'clone /lab/web1\t/lab/c1\nclone /lab/web1\t/lab/c2'
  run_vmm clone -n --linked web1 c1
  assert_match $'^pivot /lab/web1\t.*web1-hda-.*qcow2$'
  assert_line $'clone /lab/web1\t/lab/c1'
  assert_equal "$(top web1)" "$SANDBOX_DISKS/web1.qcow2"
  nothing_left c1 c2
  virsh -q start web1
  run_vmm 4 clone -n web1 c1
}

@test "clone --linked: refused where the base could not be kept" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=s1 web1
  run_vmm 4 clone --linked web1 c1
  assert_stderr_is_one_line "it has snapshots.*make a full clone of it"
  run_vmm clone web1 f1
  run_vmm snapshot --delete=s1 web1
  # another VM on the disk
  redefine f1 -e "s,f1-hda.qcow2,web1.qcow2,"
  run_vmm 4 clone --linked web1 c1
  assert_stderr_is_one_line "its disk hda, '.*web1.qcow2', is a disk of '/lab/f1', too, .*; make a full clone of it"
  virsh -q undefine f1
  # the next start would have another name for the file that is in use
  virsh -q start web1
  ln -s "$SANDBOX_DISKS/web1.qcow2" "$SANDBOX_DISKS/link.qcow2"
  redefine web1 -e "s,/web1.qcow2,/link.qcow2,"
  run_vmm 4 clone --linked web1 c1
  assert_stderr_is_one_line "its disk hda is '.*web1.qcow2' now and '.*link.qcow2' when it starts anew"
  nothing_left c1
}

@test "clone --linked: a disk that the VM has only now stays as it is" {
  GUEST_FORMAT=qcow2 up web1 /lab
  qemu-img create -q -f qcow2 "$SANDBOX_DISKS/data.qcow2" 5M
  virsh -q attach-disk web1 "$SANDBOX_DISKS/data.qcow2" vdb --driver qemu --subdriver qcow2 --live
  run_vmm clone --linked web1 c1
  assert_match "^ *vdb +$SANDBOX_DISKS/data.qcow2$" "$(virsh -q domblklist web1)"
  refute_match vdb "$(virsh -q domblklist c1)"
}

@test "clone --linked: another VM on the disk is found by another spelling of its path" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  GUEST_FORMAT=qcow2 guest twin /lab
  redefine twin -e "s,$SANDBOX_DISKS/twin.qcow2,$SANDBOX_DISKS/.//web1.qcow2,"
  run_vmm 4 clone --linked web1 c1
  assert_stderr_is_one_line "is a disk of '/lab/twin', too"
  virsh -q undefine twin
  redefine web1 -e "s,$SANDBOX_DISKS/web1,$SANDBOX_DISKS//web1,"
  run_vmm clone --linked web1 c1
  run_vmm start web1 c1
}

@test "clone --linked: an overlay with data, or of another size, is not taken for empty" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone --linked web1 c1
  # small clusters: its data is less than an empty one of the usual kind takes
  qemu-img create -q -f qcow2 -o cluster_size=4k -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/small.qcow2"
  qemu-io -c 'write -P 9 900k 8k' "$SANDBOX_DISKS/small.qcow2" >/dev/null
  redefine web1 -e "s,web1-hda-.*.qcow2,small.qcow2,"
  run_vmm clone --linked web1 c2
  qemu-io -c 'read -P 9 900k 8k' "$SANDBOX_DISKS/c2-hda.qcow2" | refute_failed
  # grown since
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/large.qcow2" 50M
  redefine web1 -e "s,web1-hda-.*.qcow2,large.qcow2,"
  virsh -q pool-refresh default
  run_vmm clone --linked web1 c3
  assert_equal "$(qemu-img info --output=json "$SANDBOX_DISKS/c3-hda.qcow2" | jq '."virtual-size"')" 52428800
}

# refute_failed: qemu-io's words on standard input say that the pattern is there
refute_failed() {
  refute_match 'Pattern verification failed' "$(cat)"
}

@test "clone: a raw disk in which its guest has written a qcow2 header is refused" {
  guest web1 /lab
  echo secret >"$SANDBOX_DISKS/secret"
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/secret" -F raw "$BATS_TEST_TMPDIR/header" 1M
  dd if="$BATS_TEST_TMPDIR/header" of="$SANDBOX_DISKS/web1.img" conv=notrunc status=none
  virsh -q pool-refresh default
  run_vmm 4 clone web1 f1
  assert_stderr_is_one_line "is raw, but its guest has written into it what looks like qcow2"
  run_vmm 4 clone --linked web1 c1
  nothing_left f1 c1
}

@test "clone --linked: without a place for notes nothing is touched" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  local before
  before=$(top web1)
  HOME='' XDG_STATE_HOME='' run_vmm 1 clone --linked web1 c1
  assert_stderr_is_one_line "neither HOME nor XDG_STATE_HOME is set"
  assert_equal "$(top web1)" "$before"
}

@test "clone --linked: two sources in a folder without a pool, at once" {
  local i pids=()
  mkdir "$SANDBOX/outside"
  for i in 1 2 3; do
    GUEST_FORMAT=qcow2 guest "s$i" /lab
    mv "$SANDBOX_DISKS/s$i.qcow2" "$SANDBOX/outside"
    redefine "s$i" -e "s,$SANDBOX_DISKS,$SANDBOX/outside,"
  done
  for i in 1 2 3; do
    vmm clone --linked "s$i" "x$i" "y$i" >"$BATS_TEST_TMPDIR/out$i" 2>&1 3>&- &
    pids+=($!)
  done
  for i in 1 2 3; do
    wait "${pids[i - 1]}" || fail "$(<"$BATS_TEST_TMPDIR/out$i")"
  done
  refute_match '^vmm-' "$(virsh -q pool-list --all --name)"
}

@test "clone --linked: refused while a block job is at work, and with checkpoints" {
  GUEST_FORMAT=qcow2 up web1 /lab
  virsh -q checkpoint-create-as web1 check1
  run_vmm 4 clone --linked web1 c1
  assert_stderr_is_one_line "it has checkpoints"
  virsh -q checkpoint-delete web1 check1
  virsh -q blockcopy --transient-job web1 hda "$SANDBOX_DISKS/copy.qcow2" --bytes --bandwidth 1
  run_vmm 4 clone --linked web1 c1
  assert_stderr_is_one_line "a block job is at work on its disk hda"
  virsh -q blockjob web1 hda --abort
  run_vmm clone --linked web1 c1
}

@test "clone: several disks, a CD-ROM, a shared and a read-only disk" {
  local xml
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img create -q -f qcow2 "$SANDBOX_DISKS/data.qcow2" 5M
  truncate -s 1M "$SANDBOX_DISKS/plain.img" "$SANDBOX_DISKS/cd.iso" "$SANDBOX_DISKS/shared.img"
  redefine web1 -e "s,<controller type='usb'.*,$(extra_disks "$SANDBOX_DISKS/data.qcow2")\
<disk type='file' device='cdrom'><source file='$SANDBOX_DISKS/cd.iso'/><target dev='hdc' bus='ide'/><readonly/></disk>\
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$SANDBOX_DISKS/plain.img'/><target dev='vda' bus='virtio'/></disk>\
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$SANDBOX_DISKS/shared.img'/><target dev='vdb' bus='virtio'/><shareable/></disk>\
<disk type='file' device='cdrom'><target dev='hdd' bus='ide'/><readonly/></disk>&,"
  virsh -q pool-refresh default
  run_vmm clone --linked web1 c1
  xml=$(virsh dumpxml c1)
  assert_match "'$SANDBOX_DISKS/c1-hda.qcow2'" "$xml"
  assert_match "'$SANDBOX_DISKS/c1-hdb.qcow2'" "$xml"
  assert_match "'$SANDBOX_DISKS/c1-vda.qcow2'" "$xml"
  assert_match "'$SANDBOX_DISKS/cd.iso'" "$xml"
  assert_match "'$SANDBOX_DISKS/shared.img'" "$xml"
  assert_equal "$(qemu-img info --output=json "$SANDBOX_DISKS/c1-vda.qcow2" | jq -r '."backing-filename-format"')" raw
  run_vmm start web1
  run_vmm start c1
  run_vmm stop --now web1 c1
  run_vmm clone web1 f1
  assert_match "'$SANDBOX_DISKS/f1-hdb.qcow2'" "$(virsh dumpxml f1)"
  run_vmm start f1
}

@test "clone: a disk that is no pool's, for which no pool stays" {
  local pools
  mkdir "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  mv "$SANDBOX_DISKS/web1.qcow2" "$SANDBOX/outside"
  redefine web1 -e "s,$SANDBOX_DISKS,$SANDBOX/outside,"
  pools=$(virsh -q pool-list --all --name)
  run_vmm clone --linked web1 c1
  run_vmm clone web1 f1
  assert_equal "$(top c1)" "$SANDBOX/outside/c1-hda.qcow2"
  assert_equal "$(virsh -q pool-list --all --name)" "$pools"
  run_vmm start web1 c1 f1
}

@test "clone: --pool puts the volumes elsewhere, and the source's overlay" {
  mkdir "$SANDBOX/outside"
  virsh -q pool-create-as other dir --target "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm clone --pool=other web1 f1
  assert_equal "$(top f1)" "$SANDBOX/outside/f1-hda.qcow2"
  run_vmm clone --linked --pool=other web1 c1
  assert_equal "$(top c1)" "$SANDBOX/outside/c1-hda.qcow2"
  [[ $(top web1) == "$SANDBOX"/outside/web1-hda-* ]]
  run_vmm 1 clone --pool=nosuch web1 f2
  run_vmm clone --linked web1 c2
  assert_equal "$(top c2)" "$SANDBOX/outside/c2-hda.qcow2"
  run_vmm start web1 c1 f1
}

@test "clone: a disk that is given as a volume" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  redefine web1 -e "s,<disk type='file',<disk type='volume'," \
    -e "s,<source file='.*',<source pool='default' volume='web1.qcow2',"
  run_vmm clone web1 f1
  assert_equal "$(top f1)" "$SANDBOX_DISKS/f1-hda.qcow2"
  run_vmm start web1
  run_vmm clone --linked web1 c1
  run_vmm start c1 f1
  run_vmm stop --now web1
  run_vmm start web1
}

@test "clone: a block device is copied where there is a pool, linked with --pool" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a loop device"
  local loop
  GUEST_FORMAT=raw guest web1 /lab
  loop=$(losetup -f --show "$SANDBOX_DISKS/web1.img") || skip "needs loop devices"
  echo "losetup -d $loop" >"$BATS_TEST_TMPDIR/undo"
  redefine web1 -e "s,<disk type='file',<disk type='block'," \
    -e "s,<source file='.*',<source dev='$loop',"
  run_vmm 4 clone --linked web1 c1
  run_vmm 1 clone web1 f1
  assert_stderr_is_one_line "its disk '$loop': the device is in no active storage pool"
  assert_equal "$(top web1)" "$loop"
  run_vmm clone --linked --pool=default web1 c1
  [[ $(top web1) == "$SANDBOX_DISKS"/web1-hda-* ]]
  # the base is the device; the volumes go beside what the source writes to
  run_vmm clone --linked web1 c2
  assert_equal "$(top c2)" "$SANDBOX_DISKS/c2-hda.qcow2"
  run_vmm start web1 c1 c2
  console_wait web1 '^2$'
  run_vmm stop --now web1 c1 c2
  source "$BATS_TEST_TMPDIR/undo"
}

@test "clone: NVRAM is copied, and each clone has its own" {
  mkdir "$SANDBOX/nvram"
  head -c 65536 /dev/urandom >"$SANDBOX/nvram/web1_VARS.fd"
  truncate -s 65536 "$SANDBOX/nvram/code.fd" "$SANDBOX/nvram/template.fd"
  GUEST_FORMAT=qcow2 guest web1 /lab
  redefine web1 -e "s,</os>,<loader readonly='yes' type='pflash'>$SANDBOX/nvram/code.fd</loader>\
<nvram template='$SANDBOX/nvram/template.fd'>$SANDBOX/nvram/web1_VARS.fd</nvram></os>,"
  run_vmm clone --linked web1 c1 c2
  assert_equal "$(sum "$SANDBOX/nvram/c1_VARS.fd")" "$(sum "$SANDBOX/nvram/web1_VARS.fd")"
  assert_match ">$SANDBOX/nvram/c2_VARS.fd</nvram>" "$(virsh dumpxml c2)"
  # one that never started has none yet: libvirt makes it from the template
  rm "$SANDBOX/nvram/web1_VARS.fd"
  run_vmm clone web1 c3
  refute_match "web1_VARS" "$(virsh dumpxml c3)"
  assert_match "template='$SANDBOX/nvram/template.fd'" "$(virsh dumpxml c3)"
}

@test "clone: fifty of one source share no identity" {
  local field names
  mkdir "$SANDBOX/nvram"
  head -c 4096 /dev/urandom >"$SANDBOX/nvram/v.fd"
  truncate -s 4096 "$SANDBOX/nvram/code.fd"
  GUEST_FORMAT=qcow2 guest web1 /lab
  redefine web1 -e "s,</os>,<loader readonly='yes' type='pflash'>$SANDBOX/nvram/code.fd</loader><nvram>$SANDBOX/nvram/v.fd</nvram></os>," \
    -e "s,<memory ,<genid>11111111-2222-3333-4444-555555555555</genid>&," \
    -e "s,<memballoon.*,<interface type='user'><mac address='52:54:00:12:34:56'/></interface><interface type='user'/>&,"
  mapfile -t names < <(printf 'c%d\n' {1..50})
  run_vmm clone --linked web1 "${names[@]}"
  assert_equal "${#lines[@]}" 50
  for name in web1 "${names[@]}"; do
    virsh -q dumpxml "$name"
  done >"$BATS_TEST_TMPDIR/all"
  for field in '<uuid>' '<genid>' '<nvram' "<source file='.*qcow2" "<source path="; do
    assert_equal "$field: $(grep -E "$field" "$BATS_TEST_TMPDIR/all" | sort -u | wc -l)" "$field: 51"
  done
  assert_equal "$(grep '<mac ' "$BATS_TEST_TMPDIR/all" | sort -u | wc -l)" 102
  assert_equal "$(grep -c "<mac address='52:54:00:" "$BATS_TEST_TMPDIR/all")" 102
}

@test "clone: what source and clone will share is said" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  mkdir "$SANDBOX/outside"
  redefine web1 -e "s,<memballoon.*,&<filesystem type='mount'><source dir='$SANDBOX/outside'/><target dir='work'/></filesystem>,"
  truncate -s 1440K "$SANDBOX/outside/floppy.img"
  redefine web1 -e "s,<video>,<disk type='file' device='floppy'><source file='$SANDBOX/outside/floppy.img'/><target dev='fda'/></disk>&,"
  run_vmm clone --linked web1 c1
  assert_match "warning: '/lab/c1' shares the folder" "$stderr"
  assert_match "warning: '/lab/c1' shares the disk fda .$SANDBOX/outside/floppy.img. with its source" "$stderr"
}

@test "clone --linked: four commands at once on one running source" {
  local i pids=() at base
  GUEST_FORMAT=qcow2 up web1 /lab
  for i in 1 2 3 4; do
    vmm clone --linked web1 "c$i" >"$BATS_TEST_TMPDIR/out$i" 2>&1 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    assert_ends "$i" 0
  done
  at=$(console_count web1)
  assert_goes_on web1
  # one chain: each overlay stands on the one before
  run -0 qemu-img info -U --backing-chain --output=json "$(top web1)"
  assert_equal "$(jq length <<<"$output")" 5
  for i in 1 2 3 4; do
    qemu-img check -q "$SANDBOX_DISKS/c$i-hda.qcow2"
    # at is the last count but one
    (($(disk_count "c$i-hda") <= at + 1))
  done
  base=$(sum "$SANDBOX_DISKS/web1.qcow2")
  run_vmm start c1 c2 c3 c4
  run_vmm stop web1
  (($(qemu-img convert -f qcow2 -O raw "$(top web1)" "$BATS_TEST_TMPDIR/raw" && dd if="$BATS_TEST_TMPDIR/raw" bs=512 skip=1 count=1 status=none | head -n 1) >= at))
  assert_equal "$(sum "$SANDBOX_DISKS/web1.qcow2")" "$base"
}

@test "clone: a source that is started meanwhile makes the copy void" {
  local pid
  guest web1 /lab
  # raw is copied by libvirt itself, without QEMU's locks
  dd if=/dev/urandom of="$SANDBOX_DISKS/web1.img" bs=1M seek=1 count=700 conv=notrunc status=none
  virsh -q pool-refresh default
  vmm clone web1 f1 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  pid=$!
  wait_until 20 test -e "$SANDBOX_DISKS/f1-hda.img"
  virsh -q start web1
  virsh -q destroy web1
  assert_ends "$pid" 4
  assert_match "'/lab/web1' was started while the disks were copied" "$(<"$BATS_TEST_TMPDIR/err")"
  nothing_left f1
}

@test "clone: a read-only pool is an error, and nothing is left" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a read-only file system"
  mkdir "$SANDBOX/outside"
  mount -t tmpfs tmpfs "$SANDBOX/outside"
  mount -o remount,ro "$SANDBOX/outside"
  virsh -q pool-create-as other dir --target "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm 1 clone --pool=other web1 f1
  run_vmm 1 clone --linked --pool=other web1 f1
  assert_match "cannot clone '/lab/web1': " "$stderr"
  assert_equal "$(top web1)" "$SANDBOX_DISKS/web1.qcow2"
  nothing_left f1
  virsh -q pool-destroy other
  umount "$SANDBOX/outside"
}

@test "clone: no space is an error, and nothing is left" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a small file system"
  mkdir "$SANDBOX/outside"
  mount -t tmpfs -o size=3m tmpfs "$SANDBOX/outside"
  virsh -q pool-create-as other dir --target "$SANDBOX/outside"
  GUEST_FORMAT=qcow2 guest web1 /lab
  qemu-img resize -q "$SANDBOX_DISKS/web1.qcow2" 20M
  qemu-io -c 'write -P 7 1M 10M' "$SANDBOX_DISKS/web1.qcow2" >/dev/null
  virsh -q pool-refresh default
  run_vmm 1 clone --pool=other web1 f1
  assert_stderr_is_one_line "cannot clone '/lab/web1': its clone 'f1': the volume '"
  assert_equal "$(ls -A "$SANDBOX/outside")" ""
  nothing_left f1
  virsh -q pool-destroy other
  umount "$SANDBOX/outside"
}

@test "clone: blocks are shared where the file system can" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a file system of its own"
  type -P mkfs.xfs >/dev/null || skip "mkfs.xfs is not installed"
  mkdir "$SANDBOX/outside"
  truncate -s 400M "$SANDBOX/xfs.img"
  mkfs.xfs -q "$SANDBOX/xfs.img"
  mount -o loop "$SANDBOX/xfs.img" "$SANDBOX/outside" || skip "no loop mounts here"
  virsh -q pool-create-as other dir --target "$SANDBOX/outside"
  guest web1 /lab
  mv "$SANDBOX_DISKS/web1.img" "$SANDBOX/outside"
  dd if=/dev/urandom of="$SANDBOX/outside/web1.img" bs=1M seek=1 count=200 conv=notrunc status=none
  redefine web1 -e "s,$SANDBOX_DISKS,$SANDBOX/outside,"
  virsh -q pool-refresh other
  # the file system has not the room for copies
  run_vmm clone web1 f1 f2 f3
  assert_equal "$(sum "$SANDBOX/outside/f3-hda.img")" "$(sum "$SANDBOX/outside/web1.img")"
  virsh -q pool-destroy other
  umount "$SANDBOX/outside"
}

@test "clone: what it tells has names escaped, and every disk that is shared" {
  GUEST_FORMAT=qcow2 guest 'we\b' /lab
  truncate -s 1440K "$SANDBOX_DISKS/a.img"
  virsh -q attach-disk 'we\b' "$SANDBOX_DISKS/a.img" fda --type floppy --driver qemu --subdriver raw --config
  run_vmm clone --linked 'we\b' c1
  assert_match "'/lab/we\\\\\\\\b' now writes its disk hda to '.*/we.*'; '.*/we\\\\\\\\b.qcow2' is the base" "$stderr"
  assert_match "warning: '/lab/c1' shares the disk fda \\($SANDBOX_DISKS/a.img\\) with its source" "$stderr"
}

# vmm flatten, on real guests: linked clones that stand on their own afterwards.

load helpers
load flatten

# origin NAME: the VM that it is a clone of, or nothing
origin() {
  virsh -q dumpxml --inactive "$1" | sed -n 's,.*<vmm:origin>\(.*\)</.*,\1,p'
}

# begin COMMAND...: in the background: $pid, its standard error in $err
begin() {
  err=$BATS_TEST_TMPDIR/err
  env --default-signal=INT "$@" >"$BATS_TEST_TMPDIR/out" 2>"$err" 3>&- &
  pid=$!
}

# begin_slow: `vmm flatten c1` in the background, as $pid, of a VM that runs; its pull
# is slow from its first moment on, and begins. The whole command is $faulty.
begin_slow() {
  local uri="${LIBVIRT_DEFAULT_URI/qemu:/qemu+unix:}?socket=$SANDBOX/run/libvirt/libvirt-sock.real"
  export FAULTY_DO="virsh -q -c '$uri' blockjob c1 hda 1"
  begin "$VMM_SRCDIR/t/faulty" do:after:c1 vmm flatten c1
  faulty=$pid
  wait_until 20 eval 'virsh -q blockjob c1 hda --raw 2>/dev/null | grep -q bandwidth=1$'
  pid=$(pids '^[^ ]*vmm-flatten c1$')
}

# hold_copies: from now on libvirt's copies are not over until $SANDBOX/go
hold_copies() {
  local bin=$BATS_TEST_TMPDIR/bin real
  rm -f "$SANDBOX"/{go,held}
  real=$(type -P qemu-img)
  mkdir -p "$bin"
  cat >"$bin/qemu-img" <<END
#!/bin/bash
[[ \$1 == convert ]] || exec '$real' "\$@"
'$real' "\$@" || exit
touch '$SANDBOX/held'
until [[ -e '$SANDBOX/go' ]]; do sleep 0.02; done
END
  chmod +x "$bin/qemu-img"
  daemon stop
  PATH=$bin:$PATH daemon start
}

held() {
  wait_until 20 test -e "$SANDBOX/held"
}

# nothing_dangles: every file in the pool is a disk, below one, or noted
nothing_dangles() {
  local file name used
  used=$(for name in $(virsh -q list --all --name); do
    file=$(disk "$name")
    while [[ $file ]]; do
      echo "$file"
      file=$(qemu-img info -U --output=json "$file" |
        sed -n 's/.*"full-backing-filename": "\(.*\)".*/\1/p')
    done
  done)
  for file in "$SANDBOX_DISKS"/*; do
    grep -qxF -e "$file" <<<"$used" || noted "$file" || fail "dangles: $file"
  done
}

@test "flatten: of a VM that is off, its data is its own; folder and labels stay" {
  local count sum old
  source_guest web /lab red
  count=$(written "$SANDBOX_DISKS/web.qcow2")
  run_vmm clone --linked web c1 c2
  chmod 640 "$SANDBOX_DISKS/c1-hda.qcow2"
  sum=$(md5sum "$SANDBOX_DISKS"/{web,c2-hda}.qcow2)
  old=$(disk c1)
  run_vmm flatten c1
  assert_output ""
  assert_stderr_is_empty
  is_flat c1
  [[ $(disk c1) =~ ^$SANDBOX_DISKS/c1-hda-[0-9a-f]{8}\.qcow2$ ]]
  assert_equal "$(stat -c %a "$(disk c1)")" 640
  [[ ! -e $old ]]
  assert_equal "$(md5sum "$SANDBOX_DISKS"/{web,c2-hda}.qcow2)" "$sum"
  assert_equal "$(written "$(disk c1)")" "$count"
  run_vmm ls -o path,labels c1 c2
  assert_output $'/lab/c1\tred\n/lab/c2\tred'
  assert_equal "$(origin c1)" ""
  assert_equal "$(origin c2)" "$(virsh -q domuuid web)"
  [[ ! -d $XDG_STATE_HOME/vmm/volumes ]] ||
    assert_equal "$(ls "$XDG_STATE_HOME/vmm/volumes")" ""
  rm "$SANDBOX_DISKS"/web*
  virsh -q start c1
  runs_on c1
}

@test "flatten: of a VM that runs, the guest goes on; and boots without the base" {
  local count sum before
  source_guest web /lab red
  fatten web 100
  run_vmm clone --linked --start web c1 c2
  runs_on c1
  sum=$(md5sum "$SANDBOX_DISKS/web.qcow2")
  before=$(disk c1)
  run_vmm flatten -v c1
  assert_output /lab/c1
  assert_stderr_is_empty
  is_flat c1
  assert_equal "$(disk c1)" "$before"
  assert_goes_on c1-serial0
  assert_equal "$(md5sum "$SANDBOX_DISKS/web.qcow2")" "$sum"
  run_vmm label c1
  assert_output $'/lab/c1\tred'
  assert_equal "$(origin c1)" ""
  refute_match '<vmm:origin' "$(virsh -q dumpxml c1)"
  # the sibling is as it was
  assert_equal "$(base c2)" "$SANDBOX_DISKS/web.qcow2"
  assert_goes_on c2-serial0
  virsh -q destroy c1
  virsh -q destroy c2
  rm "$SANDBOX_DISKS"/web*
  count=$(written "$(disk c1)")
  ((count >= $(console_count c1-serial0)))
  qemu-io -r -c "read -q -P 170 1M 100M" "$(disk c1)"
  virsh -q start c1
  runs_on c1
}

@test "flatten: what was pulled is on disk before it is said to be done" {
  local xml=$BATS_TEST_TMPDIR/xml
  GUEST_FORMAT=qcow2 guest web
  # the guest never writes to this one, and so never flushes it
  qemu-img create -q -f qcow2 "$SANDBOX_DISKS/data.qcow2" 4M
  qemu-io -c 'write -q -P 7 0 1M' "$SANDBOX_DISKS/data.qcow2"
  virsh -q attach-disk web "$SANDBOX_DISKS/data.qcow2" hdb --targetbus ide \
    --subdriver qcow2 --config
  run_vmm clone --linked --start web c1
  runs_on c1
  run_vmm flatten c1
  assert_goes_on c1-serial0
  signal KILL 'guest=c1,'
  wait_state c1 "shut off"
  qemu-io -r -c 'read -q -P 7 0 1M' "$(disk c1 hdb)" >"$xml"
  assert_equal "$(<"$xml")" ""
}

@test "flatten: a VM that is paused is refused: QEMU would hold back what it pulls" {
  source_guest web
  run_vmm clone --linked --start web c1
  run_vmm pause c1
  run_vmm 4 flatten c1
  assert_stderr_is_one_line "it is paused, .*'vmm resume' it first$"
  assert_equal "$(vm_state c1)" paused
  assert_equal "$(base c1)" "$SANDBOX_DISKS/web.qcow2"
  run_vmm resume c1
  run_vmm flatten c1
  is_flat c1
}

@test "flatten: a chain that the definition spells out is no longer in it" {
  source_guest web
  run_vmm clone --linked --start web c1
  # what a live snapshot of another client leaves there
  virsh -q dumpxml --inactive c1 >"$BATS_TEST_TMPDIR/xml"
  sed -i "s,\(<source file='[^']*c1-hda.qcow2'/>\),\1<backingStore type='file'><format type='qcow2'/><source file='$SANDBOX_DISKS/web.qcow2'/><backingStore/></backingStore>," "$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  virsh -q dumpxml --inactive c1 | grep -q '<backingStore'
  run_vmm flatten c1
  is_flat c1
}

@test "flatten: several disks, all or none, off and running" {
  local xml=$BATS_TEST_TMPDIR/xml
  GUEST_FORMAT=qcow2 guest web
  qemu-img create -q -f qcow2 "$SANDBOX_DISKS/data.qcow2" 4M
  qemu-io -c 'write -q -P 7 0 1M' "$SANDBOX_DISKS/data.qcow2"
  virsh -q attach-disk web "$SANDBOX_DISKS/data.qcow2" hdb --targetbus ide \
    --subdriver qcow2 --config
  qemu-img create -q -f raw "$SANDBOX_DISKS/plain.img" 1M
  run_vmm clone --linked web c1 c2
  for name in c1 c2; do
    virsh -q attach-disk "$name" "$SANDBOX_DISKS/plain.img" vdc \
      --targetbus virtio --mode readonly --config
  done
  virsh -q start c2
  run_vmm flatten -n c1
  assert_output "flatten /c1	$SANDBOX_DISKS/c1-hda.qcow2
flatten /c1	$SANDBOX_DISKS/c1-hdb.qcow2"
  run_vmm flatten -v c1 c2
  assert_output $'/c1\n/c2'
  for name in c1 c2; do
    is_flat "$name"
    qemu-io -r -U -c 'read -q -P 7 0 1M' "$(disk "$name" hdb)"
    qemu-img info -U "$(disk "$name" hdb)" >"$xml"
    refute_match 'backing' "$(<"$xml")"
    assert_equal "$(disk "$name" vdc)" "$SANDBOX_DISKS/plain.img"
  done
  assert_equal "$(origin c1)$(origin c2)" ""
}

@test "flatten: a disk in no storage pool" {
  local dir=$SANDBOX/elsewhere
  source_guest web
  run_vmm clone --linked web c1
  mkdir -p "$dir"
  mv "$SANDBOX_DISKS/c1-hda.qcow2" "$dir"
  virsh -q dumpxml c1 | sed "s,$SANDBOX_DISKS/c1,$dir/c1," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm flatten c1
  is_flat c1
  assert_match "^$dir/c1-hda-[0-9a-f]+.qcow2$" "$(disk c1)"
  assert_equal "$(ls "$dir")" "$(basename "$(disk c1)")"
  assert_equal "$(virsh -q pool-list --all --name | xargs)" default
  assert_equal "$(origin c1)" ""
  rm -r "$dir"
}

@test "flatten: nothing to do is a success, and prints nothing" {
  source_guest web
  run_vmm flatten web
  assert_output ""
  assert_stderr_is_empty
  run_vmm flatten -n web
  assert_output ""
  GUEST_FORMAT=raw guest plain
  run_vmm snapshot --disk-only --name=one web
  virsh -q snapshot-delete --metadata web one
  run_vmm flatten web
  run_vmm flatten -v web plain
  assert_output $'/web\n/plain'
}

@test "flatten: the base that nobody needs any more is told, noted, and kept" {
  source_guest web /lab
  run_vmm clone --linked web c1
  run_vmm flatten c1
  assert_stderr_is_empty
  run ! noted web.qcow2
  run_vmm flatten web
  assert_stderr_is_one_line "^vmm-flatten: '$SANDBOX_DISKS/web.qcow2' is needed by nobody any more; 'vmm fsck --repair' frees it$"
  [[ -e $SANDBOX_DISKS/web.qcow2 ]]
  noted web.qcow2
}

@test "flatten: an image that may be somebody's is never noted for deletion" {
  GUEST_FORMAT=qcow2 guest web
  mv "$SANDBOX_DISKS/web.qcow2" "$SANDBOX_DISKS/template.qcow2"
  qemu-img create -q -f qcow2 -F qcow2 -b "$SANDBOX_DISKS/template.qcow2" \
    "$SANDBOX_DISKS/web.qcow2"
  run_vmm flatten web
  assert_stderr_is_one_line "'$SANDBOX_DISKS/template.qcow2' is needed by nobody that libvirt knows$"
  [[ -e $SANDBOX_DISKS/template.qcow2 ]]
  run ! noted template.qcow2
}

@test "flatten: refused, and nothing touched: a saved state, snapshots, another VM" {
  local sum
  source_guest web /lab
  run_vmm clone --linked web c1 c2
  virsh -q start c1
  virsh -q managedsave c1
  run_vmm 4 flatten c1
  assert_stderr_is_one_line "^vmm-flatten: cannot flatten '/lab/c1': it has a saved state, .*'vmm start' restores it"
  run_vmm save --discard c1
  virsh -q snapshot-create-as c1 one
  run_vmm 4 flatten c1
  assert_stderr_is_one_line "it has snapshots, .*'vmm snapshot --delete' deletes them$"
  run_vmm 4 flatten -n c1
  # a volume, and then a VM on the disk itself
  qemu-img create -q -f qcow2 -F qcow2 -b "$SANDBOX_DISKS/c2-hda.qcow2" \
    "$SANDBOX_DISKS/child.qcow2"
  sum=$(md5sum "$SANDBOX_DISKS"/*)
  run_vmm 4 flatten c2
  assert_stderr_is_one_line "'$SANDBOX_DISKS/c2-hda.qcow2', is what '$SANDBOX_DISKS/child.qcow2' needs"
  virsh -q dumpxml web | sed "/<uuid>/d; s,<name>web,<name>thief,; s,$(disk web),$(disk c2)," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm 4 flatten c2
  assert_stderr_is_one_line "is what .*'/lab/thief'.* needs"
  assert_equal "$(md5sum "$SANDBOX_DISKS"/*)" "$sum"
  assert_equal "$(base c1)" "$SANDBOX_DISKS/web.qcow2"
}

@test "flatten: refused while a block job is at work; then it goes" {
  source_guest web
  fatten web 50
  run_vmm clone --linked --start web c1
  virsh -q blockpull c1 hda --bandwidth 1
  run_vmm 4 flatten c1
  assert_stderr_is_one_line "a block job is at work on its disk hda; try again when that has ended"
  virsh -q blockjob c1 hda --abort
  run_vmm flatten c1
  is_flat c1
}

@test "flatten: a pool that cannot be read refuses; --force goes on and keeps the old file" {
  local old
  source_guest web
  run_vmm clone --linked web c1
  old=$(disk c1)
  virsh -q pool-define-as gone dir --target "$SANDBOX/gone"
  run_vmm 4 flatten c1
  assert_stderr_is_one_line "the storage pool 'gone' cannot be read"
  assert_equal "$(disk c1)" "$old"
  run_vmm flatten --force c1
  is_flat c1
  assert_match "is not known" "$stderr"
  [[ -e $old ]]
  noted "$old"
  virsh -q pool-undefine gone
}

@test "flatten: a VM that crashed is an error" {
  source_guest web
  run_vmm clone --linked web c1
  virsh -q dumpxml c1 | sed 's,<on_crash>destroy,<on_crash>preserve,; s,</devices>,<panic model="isa"/></devices>,' >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  virsh -q start c1
  runs_on c1
  virsh -q qemu-monitor-command c1 --hmp 'o /b 0x505 1' >/dev/null
  wait_state c1 crashed
  run_vmm 1 flatten c1
  assert_stderr_is_one_line "cannot flatten '/c1': it is crashed; a VM that runs or is off can be flattened"
  assert_equal "$(base c1)" "$SANDBOX_DISKS/web.qcow2"
}

@test "flatten: several at once, in operand order; one failure stops no other" {
  source_guest web /lab
  run_vmm clone --linked web c1 c2 c3 c4 c5
  virsh -q snapshot-create-as c3 one
  virsh -q start c5
  run_vmm 4 flatten -v c5 c4 c3 c2 c1
  assert_output $'/lab/c5\n/lab/c4\n/lab/c2\n/lab/c1'
  assert_stderr_is_one_line "cannot flatten '/lab/c3': it has snapshots"
  for name in c5 c4 c2 c1; do
    is_flat "$name"
  done
  nothing_dangles
}

@test "flatten: Ctrl-C while it is off: the copy is waited for and removed" {
  local files pid err
  source_guest web /lab
  run_vmm clone --linked web c1
  files=$(ls "$SANDBOX_DISKS")
  hold_copies
  begin vmm flatten c1
  held
  kill -INT "$pid"
  touch "$SANDBOX/go"
  assert_ends "$pid" 130
  assert_equal "$(<"$err")" "vmm-flatten: cannot flatten '/lab/c1': interrupted; it stands on its files as before"
  assert_equal "$(ls "$SANDBOX_DISKS")" "$files"
  assert_equal "$(disk c1)" "$SANDBOX_DISKS/c1-hda.qcow2"
  assert_equal "$(ls "$XDG_STATE_HOME/vmm/volumes")" ""
  run_vmm flatten c1
  is_flat c1
}

@test "flatten: Ctrl-C while it runs: it goes on, still linked, and a message says so" {
  local pid faulty err
  source_guest web /lab
  fatten web 400
  run_vmm clone --linked --start web c1
  runs_on c1
  begin_slow
  kill -INT "$pid"
  assert_ends "$faulty" 130
  assert_equal "$(<"$err")" "vmm-flatten: cannot flatten '/lab/c1': interrupted; it goes on, and still stands on '$SANDBOX_DISKS/web.qcow2'"
  assert_equal "$(base c1)" "$SANDBOX_DISKS/web.qcow2"
  assert_equal "$(virsh -q blockjob c1 hda --raw)" ""
  assert_equal "$(origin c1)" "$(virsh -q domuuid web)"
  assert_goes_on c1-serial0
  run_vmm flatten c1
  is_flat c1
  assert_goes_on c1-serial0
}

@test "flatten: Ctrl-C while QEMU is stuck ends in time, and says what may come" {
  local pid faulty err
  source_guest web
  fatten web 500
  run_vmm clone --linked --start web c1
  runs_on c1
  begin_slow
  signal STOP 'guest=c1,'
  kill -INT "$pid"
  wait_until 20 test ! -d "/proc/$pid"
  assert_ends "$faulty" 130
  assert_match "interrupted; .*libvirt has not answered" "$(<"$err")"
  signal CONT 'guest=c1,'
  wait_until 60 eval '[[ ! $(virsh -q blockjob c1 hda --raw) ]]'
  run_vmm flatten c1
  is_flat c1
  assert_goes_on c1-serial0
}

@test "flatten: Ctrl-C while QEMU is stuck as it writes out: the way on is named" {
  local pid err
  source_guest web
  run_vmm clone --linked --start web c1
  runs_on c1
  # the second change is that it is stopped for a moment
  FAULTY_DO="kill -STOP $(pids 'guest=c1,'); touch '$SANDBOX/stuck'" \
    begin "$VMM_SRCDIR/t/faulty" do:before:c2 vmm flatten c1
  wait_until 20 test -e "$SANDBOX/stuck"
  signal INT '^[^ ]*vmm-flatten c1$'
  assert_ends "$pid" 130
  assert_equal "$(wc -l <"$err")" 1
  assert_match "libvirt has not answered.*; should it be paused then, 'vmm resume' lets it go on" "$(<"$err")"
  signal CONT 'guest=c1,'
  wait_state c1 paused
  run_vmm resume c1
  run_vmm flatten c1
  is_flat c1
  assert_goes_on c1-serial0
}

@test "flatten: a VM that is started meanwhile loses nothing, and is refused" {
  local pid err files
  source_guest web /lab
  run_vmm clone --linked web c1
  files=$(ls "$SANDBOX_DISKS")
  hold_copies
  begin vmm flatten c1
  held
  virsh -q start c1
  touch "$SANDBOX/go"
  assert_ends "$pid" 4
  assert_equal "$(<"$err")" "vmm-flatten: cannot flatten '/lab/c1': it was started while it was copied, so the copy is damaged; 'vmm flatten' it while it runs"
  assert_equal "$(ls "$SANDBOX_DISKS")" "$files"
  assert_equal "$(disk c1)" "$SANDBOX_DISKS/c1-hda.qcow2"
  runs_on c1
  run_vmm flatten c1
  is_flat c1
}

@test "flatten: and one that was started and is off again" {
  local pid err files
  source_guest web /lab
  run_vmm clone --linked web c1
  files=$(ls "$SANDBOX_DISKS")
  hold_copies
  begin vmm flatten c1
  held
  virsh -q start c1
  runs_on c1
  virsh -q destroy c1
  touch "$SANDBOX/go"
  assert_ends "$pid" 4
  assert_match "it was started while it was copied" "$(<"$err")"
  assert_equal "$(ls "$SANDBOX_DISKS")" "$files"
  assert_equal "$(disk c1)" "$SANDBOX_DISKS/c1-hda.qcow2"
}

@test "flatten: a snapshot, other disks, a label: what others change meanwhile counts" {
  local pid err
  source_guest web /lab
  run_vmm clone --linked web c1 c2 c3
  hold_copies
  begin vmm flatten c1
  held
  virsh -q snapshot-create-as c1 one
  touch "$SANDBOX/go"
  assert_ends "$pid" 4
  assert_match "it has snapshots" "$(<"$err")"
  rm "$SANDBOX"/{go,held}
  begin vmm flatten c2
  held
  run_vmm clone --linked c2 c4
  touch "$SANDBOX/go"
  wait "$pid" || :
  # its overlay was untouched, so c4 stands beside it
  is_flat c2
  assert_equal "$(base c4)" "$SANDBOX_DISKS/web.qcow2"
  rm "$SANDBOX"/{go,held}
  begin vmm flatten c3
  held
  run_vmm label -a blue c3
  touch "$SANDBOX/go"
  assert_ends "$pid" 0
  run_vmm label c3
  assert_output $'/lab/c3\tblue'
  is_flat c3
}

@test "flatten: no space is an error, and the VM goes on, still linked" {
  local dir=$SANDBOX/small
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a small file system"
  source_guest web /lab
  fatten web 30
  mkdir -p "$dir"
  mount -t tmpfs -o size=4m tmpfs "$dir"
  run_vmm clone --linked web c1
  mv "$SANDBOX_DISKS/c1-hda.qcow2" "$dir"
  virsh -q dumpxml c1 | sed "s,$SANDBOX_DISKS/c1,$dir/c1," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm 1 flatten c1
  assert_stderr_is_one_line "cannot flatten '/lab/c1': the volume '$dir/c1-hda-[0-9a-f]*.qcow2': .*[Nn]o space"
  assert_equal "$(ls "$dir")" c1-hda.qcow2
  virsh -q start c1
  runs_on c1
  run_vmm 1 flatten c1
  assert_stderr_is_one_line "cannot flatten '/lab/c1': the block job on its disk hda failed; .*; it goes on, and still stands on '$SANDBOX_DISKS/web.qcow2'$"
  assert_equal "$(base c1)" "$SANDBOX_DISKS/web.qcow2"
  mount -o remount,size=80m "$dir"
  runs_on c1
  run_vmm flatten c1
  is_flat c1
  runs_on c1
}

@test "flatten --dry-run: says what would be done, and does nothing" {
  local files
  source_guest web /lab
  run_vmm clone --linked web c1
  files=$(md5sum "$SANDBOX_DISKS"/*)
  run_vmm flatten -n c1
  assert_output "flatten /lab/c1	$SANDBOX_DISKS/c1-hda.qcow2"
  assert_equal "$(md5sum "$SANDBOX_DISKS"/*)" "$files"
}

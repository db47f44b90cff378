# vmm snapshot, on real guests.

load helpers

teardown() {
  drop_guests
}

# edit NAME SED-SCRIPT: defines it anew
edit() {
  virsh -q dumpxml --inactive "$1" | sed -e "$2" >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
}

# add_disk NAME DEVICE FORMAT FILE [ELEMENTS]: as hdb, of a file made for it
add_disk() {
  local file=$SANDBOX_DISKS/$4
  qemu-img create -q -f "$3" "$file" 1M
  edit "$1" "s,</disk>,&<disk type='file' device='$2'><driver name='qemu' type='$3'/><source file='$file'/><target dev='hdb' bus='ide'/>${5-}</disk>,"
}

# assert_taken NAME SNAPSHOT EXPECTED [OPTION...]: its kind and memory, with one
# warning where this libvirt cannot go back to that kind
assert_taken() {
  run_vmm snapshot --name="$2" "${@:4}" "$1"
  if [[ $3 == internal* ]] || reverts_external; then
    assert_stderr_is_empty
  else
    assert_stderr_is_one_line "^vmm-snapshot: warning: '/lab/$1' gets an external snapshot.*, to which this libvirt cannot revert"
  fi
  run_vmm snapshot -o name,kind,memory "$1"
  assert_line "$2"$'\t'"$3"
}

# assert_external_cannot_revert NAME SNAPSHOT: where that is so
assert_external_cannot_revert() {
  local before
  ! reverts_external || return 0
  before=$(virsh -q dumpxml "$1")
  run_vmm 1 revert --to="$2" "$1"
  assert_stderr_is_one_line "^vmm-revert: cannot revert '/lab/$1': its snapshot '$2' is external, and this libvirt cannot revert to those; from 9.9 on it can$"
  assert_equal "$(virsh -q dumpxml "$1")" "$before"
}

# refused NAME WHY: it gets none
refused() {
  run_vmm 1 snapshot "$1"
  assert_stderr_is_one_line "^vmm-snapshot: cannot snapshot '/lab/$1': $2"
  run_vmm snapshot --list "$1"
  assert_output ""
}

@test "snapshot: of a running VM has its memory, and prints PATH and SNAPSHOT" {
  GUEST_FORMAT=qcow2 up web1 /lab
  run_vmm snapshot --name=clean --description='a & <b>' web1
  assert_output $'/lab/web1\tclean'
  assert_equal "$(vm_state web1)" running
  assert_goes_on web1
  run_vmm snapshot -o name,state,current,parent,kind,memory,description web1
  assert_output $'clean\trunning\tyes\t-\tinternal\tyes\ta & <b>'
}

@test "snapshot: without a name it is called by the time, the same for all" {
  local name
  GUEST_FORMAT=qcow2 guest a /lab
  GUEST_FORMAT=qcow2 guest b /lab
  run_vmm snapshot b a
  name=${output##*$'\t'}
  assert_match '^20[0-9]{2}-[0-9]{2}-[0-9]{2}_[0-9]{6}$' "$name"
  assert_output "/lab/b"$'\t'"$name"$'\n'"/lab/a"$'\t'"$name"
  run_vmm snapshot --list a
  assert_output "/lab/a"$'\t'"$name"
}

@test "snapshot --list: lines, columns, JSON, a table and a tree" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=one web1
  run_vmm snapshot --name=two web1
  run_vmm snapshot --name=three web1
  run_vmm revert --to=one web1
  run_vmm snapshot --name=other web1
  run_vmm snapshot --list web1
  assert_equal "$(sort <<<"$output")" $'/lab/web1\tone\n/lab/web1\tother\n/lab/web1\tthree\n/lab/web1\ttwo'
  run_vmm snapshot -o parent,name web1
  assert_line $'one\ttwo'
  assert_line $'one\tother'
  run_vmm snapshot --json web1
  assert_equal "$(jq -r 'select(.current) | .name' <<<"$output")" other
  assert_equal "$(jq -r .path <<<"$output" | sort -u)" /lab/web1
  (($(date +%s) - $(date -d "$(jq -r .created <<<"$output" | head -n 1)" +%s) < 60))
  run_vmm snapshot -l web1
  assert_match '^PATH +NAME +CREATED +STATE +KIND +CURRENT'
  run_vmm snapshot --tree web1
  assert_output "/lab/web1
└── one
    ├── $([[ ${lines[2]} == *two ]] && echo two || echo 'other *')
$(printf '%s\n' "${lines[@]:3}")"
  assert_equal "$(grep -c ' \*$' <<<"$output")" 1
  run_vmm 2 snapshot -o nonsense web1
  assert_stderr_is_one_line "known"
}

@test "snapshot: a name that is there already, and names that cannot be" {
  local name
  GUEST_FORMAT=qcow2 guest web1
  run_vmm snapshot --name=one web1
  run_vmm 1 snapshot --name=one web1
  assert_stderr_is_one_line "cannot snapshot '/web1': it has a snapshot 'one' already"
  run_vmm 1 snapshot -n --name=one web1
  for name in . .. .hidden a/b $'a\nb' '' 1 123456 "$(printf 'x%.0s' {1..129})"; do
    run_vmm 2 snapshot --name="$name" web1
    assert_equal "${#stderr_lines[@]}" 1
  done
  run_vmm snapshot --name="$(printf 'x%.0s' {1..128})" web1
  run_vmm snapshot --name='a b;$(x)&<' web1
}

@test "snapshot --dry-run: says what would be done, and does nothing" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot -n --name=one web1
  assert_output $'snapshot /lab/web1\tone'
  run_vmm snapshot --list web1
  assert_output ""
  run_vmm snapshot --name=one web1
  run_vmm snapshot -n --delete=one web1
  assert_output $'delete /lab/web1\tone'
  run_vmm snapshot --list web1
  assert_output $'/lab/web1\tone'
}

@test "snapshot: all disks qcow2: internal, with memory if it runs" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  assert_taken web1 off $'internal\tno'
  run_vmm start web1
  console_wait web1 '^2$'
  assert_taken web1 on $'internal\tyes'
  assert_goes_on web1
}

@test "snapshot: a raw disk gives an external one, and a warning why" {
  guest off /lab
  assert_taken off one $'external\tno'
  assert_external_cannot_revert off one
  up raw /lab
  run_vmm snapshot --name=one raw
  if ! reverts_external; then
    assert_stderr_is_one_line "warning: '/lab/raw' gets an external snapshot, for its disk hda is raw, to which this libvirt cannot revert"
  fi
  run_vmm snapshot -o kind,memory raw
  assert_output $'external\tyes'
  assert_goes_on raw
  assert_external_cannot_revert raw one
}

@test "snapshot: one raw disk of two: both and the memory are in files" {
  GUEST_FORMAT=qcow2 guest off /lab
  add_disk off disk raw second.img
  assert_taken off one $'external\tno'
  assert_external_cannot_revert off one
  GUEST_FORMAT=qcow2 guest on /lab
  add_disk on disk raw third.img
  run_vmm start on
  console_wait on '^2$'
  assert_taken on one $'external\tyes'
  [[ -s $SANDBOX_DISKS/on.one && -s $SANDBOX_DISKS/third.one ]]
  [[ -s $SANDBOX_DISKS/$(virsh -q domuuid on).one.mem ]]
  assert_goes_on on
  assert_external_cannot_revert on one
}

@test "snapshot: a disk that is no file: internal, or refused" {
  local name
  GUEST_FORMAT=qcow2 guest web1 /lab
  guest raw /lab
  for name in web1 raw; do
    edit "$name" "s,<disk type='file',<disk type='volume',
      s,<source file='$SANDBOX_DISKS/,<source pool='default' volume=',"
  done
  assert_taken web1 one $'internal\tno'
  run_vmm 1 snapshot --disk-only web1
  assert_stderr_is_one_line "its disk hda is of type 'volume', and libvirt makes external snapshots of files only$"
  refused raw "its disk hda is of type 'volume', and libvirt makes external snapshots of files only$"
  run_vmm start raw
  console_wait raw '^2$'
  refused raw "its disk hda is of type 'volume'"
}

@test "snapshot: UEFI, off: external, and it boots" {
  GUEST_FORMAT=qcow2 uefi_guest efi /lab
  assert_taken efi off $'external\tno'
  assert_external_cannot_revert efi off
  run_vmm start efi
  firmware_wait efi
  assert_taken efi more $'external\tno' --disk-only
  assert_equal "$(vm_state efi)" running
}

@test "snapshot: UEFI, running: external with memory, and it boots again" {
  local file=$SANDBOX_DISKS/efi_VARS.fd
  GUEST_FORMAT=qcow2 uefi_guest efi /lab
  run_vmm start efi
  firmware_wait efi
  # the variables of this boot are in its own file
  if cmp -s /usr/share/OVMF/OVMF_VARS_4M.fd "$file"; then
    fail "$file is not written to"
  fi
  run_vmm snapshot -n --name=on efi
  assert_output $'snapshot /lab/efi\ton'
  assert_taken efi on $'external\tyes'
  assert_equal "$(vm_state efi)" running
  assert_external_cannot_revert efi on
  assert_equal "$(vm_state efi)" running
  run_vmm stop --now efi
  rm "$SANDBOX/efi.console"
  run_vmm start efi
  firmware_wait efi
  virsh -q dumpxml efi | grep -qF "$file"
}

@test "snapshot: a CD-ROM is left out" {
  local before
  GUEST_FORMAT=qcow2 guest web1 /lab
  add_disk web1 cdrom raw cd.iso '<readonly/>'
  before=$(cksum "$SANDBOX_DISKS/cd.iso")
  assert_taken web1 off $'internal\tno'
  run_vmm start web1
  console_wait web1 '^2$'
  assert_taken web1 on $'internal\tyes'
  assert_match "name='hdb' snapshot='no'" "$(virsh -q snapshot-dumpxml web1 on)"
  assert_taken web1 only $'external\tno' --disk-only
  assert_goes_on web1
  assert_match "<source file='$SANDBOX_DISKS/cd.iso'" "$(virsh -q dumpxml web1)"
  assert_equal "$(cksum "$SANDBOX_DISKS/cd.iso")" "$before"
}

@test "snapshot: a disk that VMs share is refused" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  add_disk web1 disk raw shared.img '<shareable/>'
  refused web1 "its disk hdb is shared with other VMs$"
  run_vmm start web1
  console_wait web1 '^2$'
  refused web1 "its disk hdb is shared with other VMs$"
  run_vmm 1 snapshot --disk-only web1
  assert_goes_on web1
}

@test "snapshot: a VM without a disk that it writes to is refused" {
  guest web1 /lab
  edit web1 "/<disk/,/<.disk>/d"
  refused web1 "it has no disk that it writes to, so there is nothing to keep$"
  run_vmm start web1
  refused web1 "it has no disk that it writes to, so there is nothing to keep$"
}

@test "snapshot: a transient VM has them until it is off" {
  local format
  for format in qcow2 raw; do
    GUEST_FORMAT=$format guest "$format" /lab
    virsh -q dumpxml "$format" >"$BATS_TEST_TMPDIR/xml"
    virsh -q undefine "$format"
    virsh -q create "$BATS_TEST_TMPDIR/xml"
    console_wait "$format" '^2$'
  done
  assert_taken qcow2 one $'internal\tyes'
  assert_taken raw one $'external\tyes'
  assert_goes_on qcow2
  assert_goes_on raw
  run_vmm revert qcow2
  assert_equal "$(vm_state qcow2)" running
  run_vmm stop --now qcow2 raw
  run_vmm ls -R /
  assert_output ""
}

@test "snapshot: one that is asleep, or has crashed, is refused" {
  GUEST_FORMAT=qcow2 guest asleep /lab
  GUEST_FORMAT=qcow2 guest crashed /lab
  edit crashed "s,<on_crash>.*<,<on_crash>preserve<,
    s,<memballoon,<panic model='isa'/>&,"
  run_vmm start asleep crashed
  console_wait asleep '^2$'
  console_wait crashed '^2$'
  # what their guests would write: ACPI's SLP_EN for S3, and pvpanic's event
  virsh -q qemu-monitor-command --hmp asleep 'o/w 0x604 0x2400'
  virsh -q qemu-monitor-command --hmp crashed 'o/b 0x505 1'
  wait_state asleep pmsuspended
  wait_state crashed crashed
  refused asleep "it is pmsuspended; only one that runs, is paused or is off can be snapshotted$"
  refused crashed "it is crashed; only one that runs"
}

@test "snapshot --disk-only: external, without memory; --quiesce needs it" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  assert_taken web1 off $'external\tno' --disk-only
  run_vmm start web1
  console_wait web1 '^2$'
  assert_taken web1 one $'external\tno' --disk-only
  run_vmm snapshot -o state web1
  assert_output $'shutoff\ndisk-snapshot'
  assert_goes_on web1
  run_vmm 2 snapshot --quiesce web1
  run_vmm 1 snapshot --disk-only --quiesce --name=two web1
  assert_match "cannot snapshot '/lab/web1': .*agent" "$stderr"
}

@test "snapshot: a saved VM is refused, with both ways out" {
  GUEST_FORMAT=qcow2 up web1
  run_vmm save web1
  run_vmm 1 snapshot web1
  assert_stderr_is_one_line "its saved state would not be in the snapshot; 'vmm start' restores it first, 'vmm save --discard' throws it away"
  run_vmm ls -o saved web1
  assert_output yes
}

@test "snapshot: a paused VM stays paused" {
  GUEST_FORMAT=qcow2 up web1
  run_vmm pause web1
  run_vmm snapshot --name=one web1
  run_vmm snapshot -o state,memory web1
  assert_output $'paused\tyes'
  assert_equal "$(vm_state web1)" paused
}

@test "snapshot --delete: one, its children, and what is not there" {
  GUEST_FORMAT=qcow2 up web1
  run_vmm snapshot --name=one web1
  run_vmm snapshot --name=two web1
  run_vmm snapshot --name=three web1
  run_vmm snapshot --delete=one web1
  assert_output ""
  run_vmm snapshot -o name web1
  assert_equal "$(sort <<<"$output")" $'three\ntwo'
  run_vmm snapshot --delete=two --children web1
  run_vmm snapshot -o name web1
  assert_output ""
  run_vmm 1 snapshot --delete=one web1
  assert_stderr_is_one_line "cannot delete a snapshot of '/web1': it has no snapshot 'one'; 'vmm snapshot --list' lists what it has"
  run_vmm stop web1
  assert_equal "$(qemu-img snapshot -l "$SANDBOX_DISKS/web1.qcow2")" ""
}

@test "snapshot --delete: refused where another volume stands on the disk" {
  GUEST_FORMAT=qcow2 guest base /lab
  run_vmm snapshot --name=one base
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/base.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/clone.qcow2"
  run_vmm 4 snapshot --delete=one base
  assert_stderr_is_one_line "cannot delete a snapshot of '/lab/base': its disk '.*/base.qcow2' is what '.*clone.qcow2'[)]? stands on"
  run_vmm 4 revert base
  run_vmm 4 revert -n --force base
  run_vmm snapshot --list base
  assert_output $'/lab/base\tone'
  rm "$SANDBOX_DISKS/clone.qcow2"
  run_vmm revert base
  run_vmm snapshot --delete=one base
}

@test "snapshot: the guard reads a folder that is in no pool" {
  local dir=$SANDBOX/elsewhere
  mkdir "$dir"
  GUEST_FORMAT=qcow2 guest base /lab
  mv "$SANDBOX_DISKS/base.qcow2" "$dir"
  virsh -q dumpxml base | sed "s,$SANDBOX_DISKS,$dir," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm snapshot --name=one base
  qemu-img create -q -f qcow2 -b "$dir/base.qcow2" -F qcow2 "$dir/clone.qcow2"
  run_vmm 4 revert base
  assert_match "elsewhere/clone.qcow2'[)]? stands on" "$stderr"
  rm "$dir/clone.qcow2"
  run_vmm revert base
  assert_equal "$(virsh -q pool-list --all --name | grep -c .)" 1
}

@test "snapshot: what excludes what is usage" {
  run_vmm 2 snapshot --list --delete=x web1
  run_vmm 2 snapshot --name=x --delete=x web1
  run_vmm 2 snapshot --children web1
  run_vmm 2 snapshot -l --json web1
  run_vmm 2 snapshot
}

@test "snapshot: the guard finds what stands on a volume, through a link, afar" {
  local dir=$SANDBOX/elsewhere
  mkdir -p "$dir"
  GUEST_FORMAT=qcow2 guest base /lab
  run_vmm snapshot --name=one base
  virsh -q dumpxml base |
    sed -e "s,<disk type='file',<disk type='volume'," \
      -e "s,<source file='$SANDBOX_DISKS/,<source pool='default' volume='," \
      >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm revert base
  # in a folder of no pool, the disk of a VM
  GUEST_FORMAT=qcow2 guest clone /lab
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/base.qcow2" -F qcow2 \
    "$dir/clone.qcow2"
  virsh -q dumpxml clone | sed "s,$SANDBOX_DISKS,$dir," >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  run_vmm 4 revert base
  # by another name of the folder
  ln -s "$SANDBOX_DISKS" "$SANDBOX/link"
  qemu-img create -q -f qcow2 -b "$SANDBOX/link/base.qcow2" -F qcow2 \
    "$dir/clone.qcow2"
  run_vmm 4 revert base
  run_vmm 4 snapshot --delete=one base
  virsh -q undefine clone
  rm "$SANDBOX/link" "$dir/clone.qcow2"
  run_vmm revert base
}

@test "snapshot: a pool that is not active refuses, unless it is forced" {
  mkdir -p "$SANDBOX/iso"
  virsh -q pool-define-as iso dir --target "$SANDBOX/iso"
  GUEST_FORMAT=qcow2 guest web1
  run_vmm snapshot --name=one web1
  run_vmm 4 revert web1
  assert_stderr_is_one_line "^vmm-revert: the storage pool 'iso' cannot be read, so who needs what in there is not known: it is not active; --force goes on all the same"
  run_vmm revert --force web1
  virsh -q pool-undefine iso
}

@test "snapshot: one that libvirt forgot is not found instead of the new one" {
  GUEST_FORMAT=qcow2 up web1
  run_vmm stop --now web1
  qemu-img snapshot -c x "$SANDBOX_DISKS/web1.qcow2"
  run_vmm snapshot --name=x web1
  assert_equal "$(qemu-img snapshot -l "$SANDBOX_DISKS/web1.qcow2" | grep -c ' x ')" 1
}

@test "snapshot: an external one in between refuses the way back below it" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=a web1
  run_vmm snapshot --disk-only --name=b web1
  run_vmm 4 revert --to=a web1
  assert_match "is what '/lab/web1' \('.*web1.b'\) stands on" "$stderr"
}

@test "snapshot --delete: an external one is merged, running and off" {
  local count
  up web1 /lab
  run_vmm snapshot --disk-only --name=a web1
  run_vmm snapshot --disk-only --name=b web1
  run_vmm snapshot --disk-only --name=c web1
  run_vmm snapshot --delete=b web1
  run_vmm snapshot -o name,parent web1
  assert_output $'a\t-\nc\ta'
  assert_goes_on web1
  [[ ! -e $SANDBOX_DISKS/web1.b ]]
  run_vmm stop web1
  count=$(console_count web1)
  run_vmm snapshot --delete=c web1
  run_vmm snapshot --delete=a web1
  assert_equal "$(ls "$SANDBOX_DISKS")" web1.img
  # what it wrote to the overlays is in there
  (($(dd if="$SANDBOX_DISKS/web1.img" bs=512 skip=1 count=1 status=none |
    head -n 1) >= count))
  run_vmm start web1
  assert_match "<source file='$SANDBOX_DISKS/web1.img'" "$(virsh -q dumpxml web1)"
}

@test "snapshot --delete --children: external ones, the last first" {
  up web1 /lab
  run_vmm snapshot --name=a web1
  run_vmm snapshot --disk-only --name=b web1
  run_vmm snapshot --disk-only --name=c web1
  run_vmm snapshot -n --delete=a --children web1
  assert_output $'delete /lab/web1\ta'
  run_vmm snapshot --delete=a --children web1
  run_vmm snapshot --list web1
  assert_output ""
  assert_goes_on web1
  assert_equal "$(ls "$SANDBOX_DISKS")" web1.img
}

@test "snapshot --delete: an external one is refused where a clone stands on it" {
  local file
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --disk-only --name=a web1
  run_vmm snapshot --disk-only --name=b web1
  # on what it is merged into, and on what is deleted then
  for file in web1.qcow2 web1.a; do
    qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/$file" -F qcow2 \
      "$SANDBOX_DISKS/clone.qcow2"
    run_vmm 4 snapshot --delete=a web1
    assert_stderr_is_one_line "cannot delete a snapshot of '/lab/web1': its disk '.*/$file' is what '.*/clone.qcow2' stands on"
    run_vmm 4 snapshot --delete=a --children web1
  done
  # a child of what is deleted
  run_vmm snapshot --disk-only --name=c web1
  qemu-img rebase -u -f qcow2 -b "$SANDBOX_DISKS/web1.b" -F qcow2 \
    "$SANDBOX_DISKS/clone.qcow2"
  run_vmm 4 snapshot --delete=a --children web1
  run_vmm snapshot -o name web1
  assert_output $'a\nb\nc'
  rm "$SANDBOX_DISKS/clone.qcow2"
  run_vmm snapshot --delete=a --children web1
  assert_equal "$(ls "$SANDBOX_DISKS")" web1.qcow2
}

@test "snapshot --delete: libvirt's own words when it cannot" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --name=a web1
  run_vmm snapshot --disk-only --name=b web1
  run_vmm 1 snapshot --delete=b web1
  assert_stderr_is_one_line "^vmm-snapshot: cannot delete a snapshot of '/lab/web1': "
}

# vmm rm, on real guests.

load helpers

setup() {
  rm -rf "${XDG_STATE_HOME:?}/vmm"
}

teardown() {
  local pool
  for pool in side ro; do
    virsh -q pool-destroy "$pool" 2>/dev/null || :
    virsh -q pool-undefine "$pool" 2>/dev/null || :
  done
  ! mountpoint -q "$SANDBOX/ro" || umount "$SANDBOX/ro"
  drop_guests
  rm -rf "${SANDBOX:?}"/{side,ro,nvram}
}

# way_back: the command that the last message says
way_back() {
  sed -n "s/^vmm-rm: '.*' is removed[^;]*; '\(.*\)' brings .*/\1/p" <<<"$stderr"
}

# left_over: the files that are noted as left over
left_over() {
  cat "$XDG_STATE_HOME"/vmm/volumes/* 2>/dev/null | sed '1d' | cut -f1 | uniq || :
}

# kept: how many removals' definitions are kept
kept() {
  find "$XDG_STATE_HOME/vmm/removed" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l
}

# is_there NAME, is_gone NAME: whether libvirt knows the VM
is_there() {
  virsh -q domuuid --domain "$1" &>/dev/null
}

is_gone() {
  [[ $(virsh -q domuuid --domain "$1" 2>&1) == *'failed to get domain'* ]]
}

# disks: the names of all files in the pool, on one line
disks() {
  (cd "$SANDBOX_DISKS" && printf '%s\n' *) | sed 's/^\*$//' | paste -sd ' '
}

# disk NAME: its file
disk() {
  echo "$SANDBOX_DISKS/$1.qcow2"
}

# qguest NAME...: a guest with a qcow2 disk
qguest() {
  GUEST_FORMAT=qcow2 guest "$@"
}

# overlay NAME BASE: a volume on the file BASE
overlay() {
  qemu-img create -q -f qcow2 -F qcow2 -b "$2" "$(disk "$1")"
  virsh -q pool-refresh default
}

# on_overlay NAME BASE: a guest whose disk is an overlay on BASE, as tools make
# it that write no origin down
on_overlay() {
  qguest "$1" /lab
  rm "$(disk "$1")"
  overlay "$1" "$2"
}

# redefine NAME SED-SCRIPT: changes its definition
redefine() {
  virsh -q dumpxml --inactive --security-info --domain "$1" |
    sed -e "$2" >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
}

# add_disk NAME TARGET XML...: one more disk, of a raw file if there is one
add_disk() {
  redefine "$1" "s,<controller,<disk type='file' device='${4-disk}'><driver name='qemu' type='raw'/><source file='$3'/><target dev='$2'/>${5-}</disk>&,;ta;b;:a;n;ba"
}

# --- without --disks ---

@test "rm: the VM is gone, its disk stays, and a message has the way back" {
  local folder
  guest web1 /lab
  run_vmm rm web1
  assert_output ""
  assert_stderr_is_one_line "^vmm-rm: '/lab/web1' is removed; 'virsh -c $LIBVIRT_DEFAULT_URI define /[^ ]*/removed/[-0-9]*-web1-[-0-9a-f]*/domain.xml' brings it back$"
  is_gone web1
  [[ -e $SANDBOX_DISKS/web1.img ]]
  folder=$(echo "$XDG_STATE_HOME"/vmm/removed/*)
  assert_equal "$(stat -c %a "$folder")" 700
  assert_equal "$(stat -c %a "$folder"/*)" 600
  assert_equal "$(left_over)" ""
}

@test "rm: the way back brings back folder, labels, snapshots and autostart" {
  local before uuid
  qguest web1 /lab red blue
  virsh -q autostart web1
  run_vmm snapshot --name=one web1
  run_vmm snapshot --name=two web1
  virsh -q snapshot-create-as web1 'a <b> $(x)'
  run_vmm revert --to=one web1
  run_vmm snapshot --name=three web1
  run_vmm revert --to=two web1
  before=$(virsh dumpxml --security-info web1)
  run_vmm ls -o path,uuid,labels,autostart,snapshots web1
  uuid=$output
  run_vmm rm --force web1
  assert_stderr_is_one_line "brings it back with its snapshots$"
  bash -c "$(way_back)"
  run_vmm ls -o path,uuid,labels,autostart,snapshots web1
  assert_output "$uuid"
  assert_equal "$(virsh dumpxml --security-info web1)" "$before"
  assert_equal "$(virsh -q snapshot-current --name web1)" two
  assert_equal "$(virsh -q snapshot-list --tree web1 | tr -s ' |\n' ' ')" \
    " one +- a <b> \$(x) +- three +- two " ||
    virsh snapshot-list --tree web1
  run_vmm revert --to=three web1
  forget web1
  run_vmm start web1
  count_wait web1 2
}

@test "rm: a password in the definition comes back" {
  guest web1
  redefine web1 "s,<video>,<graphics type='vnc' passwd='s3cret'/>&,"
  run_vmm rm web1
  bash -c "$(way_back)"
  assert_match s3cret "$(virsh dumpxml --security-info web1)"
}

@test "rm: more than nine snapshots come back in their order" {
  local i
  qguest web1
  for i in {1..11}; do
    virsh -q snapshot-create-as web1 "s$i" >/dev/null
  done
  run_vmm rm --force web1
  bash -c "$(way_back)"
  assert_equal "$(virsh -q snapshot-list --name web1 | grep -c .)" 11
  assert_equal "$(virsh -q snapshot-current --name web1)" s11
}

@test "rm: -v prints the path, -q no way back" {
  guest a /lab
  guest b
  run_vmm rm -v -q a b
  assert_output $'/lab/a\n/b'
  assert_stderr_is_empty
  assert_equal "$(kept)" 2
}

@test "rm: a folder needs -r" {
  guest a /lab
  guest b /lab/x
  run_vmm 1 rm /lab/
  is_there a
  run_vmm rm -q -r /lab/
  run_vmm ls -R
  assert_output ""
}

@test "rm: without operands nothing is removed" {
  guest a
  run_vmm 2 rm
  run_vmm rm - < <(:)
  is_there a
}

@test "rm: names that a shell or a file system could take for more" {
  local names=('a b' "it's" '$(touch x)' '-dash' '*' 'a\b' '…ü💻' 'x;y|z' '"'
    "$(printf 'n%.0s' {1..200})") name
  for name in "${names[@]}"; do
    test_name=$(xml_escape "$name")
    virsh -q define /dev/stdin <<END
<domain type='qemu'><name>$test_name</name><memory>2048</memory>
<os><type arch='x86_64'>hvm</type></os></domain>
END
    run_vmm rm -- "$name"
    is_gone "$name"
    [[ $(way_back) =~ ^virsh\ -c\ [a-z:/]+\ define\ ([-A-Za-z0-9/._]+)$ ]] ||
      fail "not to be pasted: $(way_back)"
    bash -c "$(way_back)"
    is_there "$name"
  done
}

@test "rm: a state folder with blanks and quotes can be pasted" {
  local state="$BATS_TEST_TMPDIR/a b'c\"d\$(touch x)e;é"
  qguest web1 /lab
  run_vmm snapshot web1
  XDG_STATE_HOME=$state run_vmm rm --force web1
  bash -c "$(way_back)"
  run_vmm ls -o snapshots web1
  assert_output yes
  run_vmm snapshot --delete="$(virsh -q snapshot-current --name web1)" web1
  XDG_STATE_HOME=$state run_vmm rm web1
  bash -c "$(way_back)"
  is_there web1
}

@test "rm: one VM removed twice in a second is kept twice" {
  local i
  guest web1
  for i in 1 2 3; do
    run_vmm rm web1
    bash -c "$(way_back)"
  done
  assert_equal "$(kept)" 3
}

# --- what needs --force ---

# refused REASON NAME: by status 4, also in a dry run, and nothing is touched
refused() {
  local option
  for option in -n --disks -v; do
    run_vmm 4 rm "$option" "$2"
    assert_output ""
    assert_stderr_is_one_line "^vmm-rm: cannot remove '/$2': it $1; --force removes it all the same$"
  done
  is_there "$2"
  assert_equal "$(kept)" 0
  assert_equal "$(left_over)" ""
}

@test "rm: a running VM is refused, and powered off with --force" {
  up web1
  refused "is running" web1
  assert_goes_on web1
  run_vmm rm --force web1
  is_gone web1
  assert_equal "$(pids 'guest=web1,')" ""
  [[ -e $SANDBOX_DISKS/web1.img ]]
  bash -c "$(way_back)"
  assert_equal "$(vm_state web1)" "shut off"
}

@test "rm: a paused VM is refused" {
  up web1
  run_vmm pause web1
  refused "is paused" web1
}

@test "rm: a saved VM is refused, and its state is gone with --force" {
  up web1
  run_vmm save web1
  refused "has a saved state" web1
  [[ -e $(save_file web1) ]]
  run_vmm rm --force web1
  [[ ! -e $(save_file web1) ]]
  bash -c "$(way_back)"
  run_vmm start -n web1
  assert_output "boot /web1"
}

@test "rm: one with snapshots is refused" {
  qguest web1
  run_vmm snapshot --name=one web1
  refused "has snapshots" web1
  run_vmm rm -q --force web1
  assert_match one "$(qemu-img snapshot -l "$(disk web1)")"
}

@test "rm: one with checkpoints is refused" {
  GUEST_FORMAT=qcow2 up web1
  virsh -q checkpoint-create-as web1 one
  refused "is running, has checkpoints" web1
  run_vmm rm -q --force web1
  is_gone web1
}

@test "rm: a transient VM needs --force, and comes back all the same" {
  up web1
  virsh -q undefine web1
  refused "is running, is transient" web1
  run_vmm rm --force web1
  is_gone web1
  bash -c "$(way_back)"
  run_vmm start web1
  run_vmm ls -o persistent,state web1
  assert_output $'yes\trunning'
}

@test "rm --disks --force: a transient VM's disk goes, too" {
  up web1
  virsh -q undefine web1
  run_vmm rm -q --disks --force web1
  [[ ! -e $SANDBOX_DISKS/web1.img ]]
}

@test "rm: one that is refused stops no other" {
  guest a
  up b
  guest c
  run_vmm 4 rm -v -q a b c
  assert_output $'/a\n/c'
  assert_stderr_is_one_line "'/b': it is running"
}

# --- what cannot be kept ---

@test "rm: nothing is removed where its definition cannot be kept" {
  guest web1
  mkdir -p "$XDG_STATE_HOME/vmm"
  : >"$XDG_STATE_HOME/vmm/removed"
  run_vmm 4 rm web1
  assert_stderr_is_one_line "cannot remove '/web1': its definition cannot be kept: cannot write '.*removed/.*': Not a directory$"
  run_vmm 4 rm --disks --force web1
  is_there web1
  [[ -e $SANDBOX_DISKS/web1.img ]]
}

@test "rm: nothing is removed where there is no place to keep it" {
  guest web1
  run env -u HOME -u XDG_STATE_HOME vmm rm web1
  assert_equal "$status" 4
  is_there web1
}

@test "rm: nothing is removed where the disk of what is kept is full" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a small file system"
  mkdir "$SANDBOX/ro"
  mount -t tmpfs -o size=4k tmpfs "$SANDBOX/ro"
  mkdir -p "$SANDBOX/ro/vmm" || :
  dd if=/dev/zero of="$SANDBOX/ro/full" bs=4k status=none || :
  guest web1
  XDG_STATE_HOME=$SANDBOX/ro run_vmm 4 rm web1
  assert_stderr_is_one_line "cannot be kept: cannot write .*No space left"
  is_there web1
  [[ ! -d $SANDBOX/ro/vmm/removed || ! $(ls "$SANDBOX/ro/vmm/removed") ]]
}

@test "rm --disks: nothing is removed where what is deleted cannot be noted" {
  guest web1
  mkdir -p "$XDG_STATE_HOME/vmm"
  : >"$XDG_STATE_HOME/vmm/volumes"
  run_vmm 1 rm --disks web1
  assert_stderr_is_one_line "cannot remove '/web1': cannot write"
  is_there web1
  [[ -e $SANDBOX_DISKS/web1.img ]]
  assert_equal "$(kept)" 0
}

# --- with --disks ---

@test "rm --disks: deletes the VM's disk, and nobody else's" {
  guest web1 /lab
  guest web2 /lab
  run_vmm rm --disks web1
  assert_stderr_is_one_line "^vmm-rm: '/lab/web1' is removed with its disks; 'virsh -c .*/domain.xml' brings its definition back$"
  assert_equal "$(disks)" web2.img
  assert_equal "$(left_over)" ""
  bash -c "$(way_back)"
  is_there web1
  # and libvirt knows
  assert_equal "$(virsh -q vol-list default | awk '{ print $1 }')" web2.img
}

@test "rm --disks: running, saved and with snapshots, with --force" {
  GUEST_FORMAT=qcow2 up running
  GUEST_FORMAT=qcow2 up saved
  run_vmm save saved
  qguest snapped
  run_vmm snapshot snapped
  run_vmm rm -q --disks --force running saved snapped
  assert_equal "$(disks)" ""
  assert_equal "$(virsh -q list --all)" ""
}

@test "rm --disks: a read-only, a shared disk, CD-ROM and floppy stay" {
  local name
  guest web1
  for name in ro shared cd floppy own; do
    truncate -s 1M "$SANDBOX_DISKS/$name.raw"
  done
  add_disk web1 vdc "$SANDBOX_DISKS/ro.raw" disk '<readonly/>'
  add_disk web1 vda "$SANDBOX_DISKS/shared.raw" disk '<shareable/>'
  add_disk web1 hdc "$SANDBOX_DISKS/cd.raw" cdrom
  add_disk web1 fda "$SANDBOX_DISKS/floppy.raw" floppy
  add_disk web1 vdb "$SANDBOX_DISKS/own.raw"
  assert_equal "$(virsh -q domblklist web1 | grep -c .)" 6
  run_vmm rm -q --disks web1
  assert_equal "$(disks)" "cd.raw floppy.raw ro.raw shared.raw"
}

@test "rm --disks: a disk given as a volume of a pool" {
  qguest web1
  redefine web1 "s,type='file' device,type='volume' device,;s,<source file=.*,<source pool='default' volume='web1.qcow2'/>,"
  run_vmm rm -q --disks web1
  assert_equal "$(disks)" ""
}

@test "rm --disks: a disk that another VM has, too, is refused, naming it" {
  guest a /lab
  guest b /lab
  redefine b "s,disks/b.img,disks/a.img,"
  run_vmm 4 rm --disks --force a
  assert_stderr_is_one_line "^vmm-rm: cannot remove '/lab/a': its disk '$SANDBOX_DISKS/a.img' is needed by '/lab/b'; "
  is_there a
  [[ -e $SANDBOX_DISKS/a.img ]]
  assert_equal "$(kept)" 0
  # neither of two that have it: nor both at once, for one goes first
  run_vmm rm -q a
  run_vmm rm -q --disks b
  [[ ! -e $SANDBOX_DISKS/a.img ]]
}

@test "rm --disks: a disk that another VM had at a snapshot is refused" {
  qguest a
  qguest b
  redefine b "s,disks/b.qcow2,disks/a.qcow2,"
  virsh -q snapshot-create-as b early
  redefine b "s,disks/a.qcow2,disks/b.qcow2,"
  run_vmm 4 rm --disks a
  assert_stderr_is_one_line "is needed by '/b'; "
  [[ -e $(disk a) ]]
}

@test "rm --disks: a disk that another VM's saved state has is refused" {
  guest a
  up b
  redefine b "s,disks/b.img,disks/a.img,"
  run_vmm save b
  # of the two definitions only the saved one has it
  run_vmm 4 rm --disks --force a
  assert_stderr_is_one_line "is needed by '/b'; "
  virsh -q managedsave-remove b
}

@test "rm --disks: a base that clones stand on is refused, naming them" {
  qguest base /lab
  on_overlay c1 "$(disk base)"
  on_overlay c2 "$(disk base)"
  overlay loose "$(disk base)"
  run_vmm 4 rm --disks --force base
  assert_stderr_is_one_line "its disk '$(disk base)' is needed by "
  assert_match "'/lab/c1' \('$(disk c1)'\)" "$stderr"
  assert_match "'/lab/c2' \('$(disk c2)'\)" "$stderr"
  assert_match "'$(disk loose)'" "$stderr"
  run_vmm 4 rm --disks -n base
  is_there base
  run_vmm rm -q base
  [[ -e $(disk base) ]]
}

@test "rm --disks: an overlay in a folder that no pool has counts" {
  qguest base /lab
  qguest far /lab
  mkdir "$SANDBOX/side"
  qemu-img create -q -f qcow2 -F qcow2 -b "$(disk base)" "$SANDBOX/side/far.qcow2"
  redefine far "s,$(disk far),$SANDBOX/side/far.qcow2,"
  run_vmm 4 rm --disks base
  assert_stderr_is_one_line "needed by '/lab/far' \('$SANDBOX/side/far.qcow2'\)"
}

# linked_often NAME LAYERS: a guest that was linked so often: NAME-hda-00000001
# stands on its first disk, and so on
linked_often() {
  local i below
  qguest "$1" /lab
  below=$(disk "$1")
  for ((i = 1; i <= $2; i++)); do
    overlay "$1-hda-0000000$i" "$below"
    below=$(disk "$1-hda-0000000$i")
  done
  redefine "$1" "s,$(disk "$1"),$below,"
}

@test "rm --disks: what pivots put below its disk goes, too, top to bottom" {
  linked_often web1 2
  run_vmm rm --disks -n web1
  assert_output "remove /lab/web1
delete /lab/web1	$(disk web1-hda-00000002)
delete /lab/web1	$(disk web1-hda-00000001)
delete /lab/web1	$(disk web1)"
  run_vmm rm -q --disks web1
  assert_equal "$(disks)" ""
  assert_equal "$(left_over)" ""
}

@test "rm --disks: what another client put below a disk stays, without a word" {
  qguest golden
  virsh -q undefine golden
  on_overlay web1 "$(disk golden)"
  run_vmm rm --disks web1
  assert_stderr_is_one_line "is removed"
  assert_equal "$(disks)" golden.qcow2
  assert_equal "$(left_over)" ""
  # nor what is below a VM that was linked since
  on_overlay web1 "$(disk golden)"
  overlay web1-hda-00000001 "$(disk web1)"
  redefine web1 "s,$(disk web1),$(disk web1-hda-00000001),"
  run_vmm rm -q --disks web1
  assert_equal "$(disks)" golden.qcow2
}

@test "rm --disks: what others need below it stays, and all below that" {
  linked_often web1 3
  overlay other "$(disk web1-hda-00000001)"
  run_vmm rm --disks web1
  assert_stderr_is_one_line "is removed"
  assert_equal "$(disks)" "other.qcow2 web1-hda-00000001.qcow2 web1.qcow2"
  assert_equal "$(left_over)" ""
}

@test "rm --disks: a linked clone has its own overlay deleted; the base stays" {
  qguest src /lab
  run_vmm clone --linked src c1 c2
  run_vmm rm --disks c1
  assert_stderr_is_one_line "'/lab/c1' is removed with its disks"
  [[ ! -e $(disk c1-hda) && -e $(disk c2-hda) && -e $(disk src) ]]
  assert_equal "$(left_over)" ""
  run_vmm start src c2
  count_wait src 2
  console_wait c2-serial0 '^2$'
}

@test "rm: a source stays a source without its VM" {
  qguest src
  run_vmm clone --linked src c1
  run_vmm rm -q src
  run_vmm start c1
  console_wait c1-serial0 '^2$'
}

@test "rm --disks: the last linked clone says that its base is nobody's" {
  local base
  qguest src /lab
  run_vmm clone --linked src c1 c2
  run_vmm rm -q --disks src
  base=$(disk src)
  [[ -e $base ]]
  run_vmm rm --disks c1
  assert_stderr_is_one_line "'/lab/c1' is removed"
  run_vmm rm --disks c2
  assert_match "^vmm-rm: '$base' is needed by nobody any more; 'vmm fsck --repair' frees it$" "$stderr"
  assert_equal "$(disks)" src.qcow2
  assert_match "^$base$" "$(left_over)"
}

@test "rm --disks: source and clones in one command: one of them sees to the base" {
  local i told
  for i in 1 2 3 4; do
    rm -rf "$XDG_STATE_HOME/vmm/volumes"
    qguest src /lab
    run_vmm clone --linked src c1 c2 c3
    run_vmm rm -j 8 --disks c1 src c2 c3
    told=$(grep -c 'is needed by nobody any more' <<<"$stderr") || :
    case $(disks) in
      '') # the source was the last: it is its own history
        assert_equal "$told" 0
        assert_equal "$(left_over)" ""
        ;;
      src.qcow2)
        assert_equal "$told" 1
        assert_equal "$(left_over | grep -cxF "$(disk src)")" 1
        rm "$(disk src)"
        ;;
      *) fail "left: $(disks)" ;;
    esac
  done
}

@test "rm --disks: VMs that share what was below a pivot, all at once: one sees to it" {
  local i n
  for i in 1 2 3 4; do
    linked_often base 1
    for n in {1..5}; do
      on_overlay "c$n" "$(disk base)"
      overlay "c$n-hda-00000001" "$(disk base)"
      redefine "c$n" "s,$(disk "c$n"),$(disk "c$n-hda-00000001"),"
      rm "$(disk "c$n")"
    done
    run_vmm rm -n -j 8 --disks 'c?' base
    assert_equal "$(grep -c "	$(disk base)$" <<<"$output")" 1
    run_vmm rm -q -j 8 --disks 'c?' base
    assert_stderr_is_empty
    assert_equal "$(disks)" ""
    assert_equal "$(left_over)" ""
  done
}

# nvram NAME FILE: gives it these variables; never to be started
nvram() {
  mkdir -p "$SANDBOX/nvram"
  truncate -s 64K "$SANDBOX/nvram/code.fd" "$2"
  redefine "$1" "s,<boot dev=.*,,;s,</os>,<loader readonly='yes' type='pflash'>$SANDBOX/nvram/code.fd</loader><nvram>$2</nvram></os>,"
}

@test "rm: NVRAM stays without --disks, and goes with it" {
  guest web1
  mkdir "$SANDBOX/nvram"
  nvram web1 "$SANDBOX/nvram/web1.fd"
  run_vmm rm web1
  [[ -e $SANDBOX/nvram/web1.fd ]]
  bash -c "$(way_back)"
  run_vmm rm --disks -n web1
  assert_line "delete /web1	$SANDBOX/nvram/web1.fd"
  run_vmm rm -q --disks web1
  assert_equal "$(ls "$SANDBOX/nvram")" code.fd
  assert_equal "$(left_over)" ""
}

@test "rm --disks: NVRAM that another VM has, too, stays, and a message says so" {
  guest web1
  guest web2
  nvram web1 "$SANDBOX/nvram/both.fd"
  nvram web2 "$SANDBOX/nvram/both.fd"
  run_vmm rm --disks web1
  assert_match "^vmm-rm: '$SANDBOX/nvram/both.fd' is kept: others need it$" "$stderr"
  [[ -e $SANDBOX/nvram/both.fd && ! -e $SANDBOX_DISKS/web1.img ]]
}

@test "rm: the state of a TPM stays without --disks, and goes with it" {
  local uuid dir=/var/lib/libvirt/swtpm
  [[ $SANDBOX_MODE == system ]] || dir=$XDG_CONFIG_HOME/libvirt/qemu/swtpm
  type -P swtpm >/dev/null || skip "swtpm is not installed"
  guest web1
  redefine web1 "s,<video>,<tpm model='tpm-tis'><backend type='emulator' version='2.0'/></tpm>&,"
  uuid=$(virsh -q domuuid web1)
  mkdir -p "$dir/$uuid/tpm2"
  : >"$dir/$uuid/tpm2/tpm2-00.permall"
  run_vmm rm web1
  [[ -e $dir/$uuid/tpm2/tpm2-00.permall ]]
  bash -c "$(way_back)"
  run_vmm rm -q --disks web1
  [[ ! -e $dir/$uuid/tpm2/tpm2-00.permall ]]
}

@test "rm --disks: a disk outside every pool goes, and no pool stays" {
  guest web1
  mkdir "$SANDBOX/side"
  mv "$SANDBOX_DISKS/web1.img" "$SANDBOX/side"
  : >"$SANDBOX/side/not-ours"
  redefine web1 "s,$SANDBOX_DISKS,$SANDBOX/side,"
  run_vmm rm -q --disks web1
  assert_equal "$(ls "$SANDBOX/side")" not-ours
  assert_equal "$(virsh -q pool-list --all --name | xargs)" default
}

@test "rm --disks: a block device that no pool has stays, and a message says so" {
  guest web1
  redefine web1 "s,type='file' device,type='block' device,;s,<source file=.*,<source dev='/dev/null'/>,"
  run_vmm rm --disks web1
  assert_match "^vmm-rm: '/dev/null' is kept: no storage pool has it$" "$stderr"
  [[ -e /dev/null ]]
  is_gone web1
}

@test "rm --disks: a disk that is not there is no error" {
  guest web1
  rm "$SANDBOX_DISKS/web1.img"
  run_vmm rm -q --disks web1
  assert_equal "$(left_over)" ""
}

@test "rm --disks: what external snapshots made goes, too" {
  up web1
  run_vmm snapshot --name=one web1
  run_vmm snapshot --name=two web1
  assert_match "one[.]mem" "$(disks)"
  run_vmm rm -q --disks --force web1
  assert_equal "$(disks)" ""
  assert_equal "$(left_over)" ""
}

@test "rm --disks: the file of an internal snapshot's former disk stays" {
  qguest web1
  qemu-img create -q -f qcow2 "$(disk data)" 1M
  add_disk web1 vdb "$(disk data)"
  redefine web1 "s,type='raw',type='qcow2',"
  virsh -q snapshot-create-as web1 early
  virsh -q detach-disk web1 vdb --config
  run_vmm rm -q --disks --force web1
  assert_equal "$(disks)" data.qcow2
}

@test "rm --disks: a file that cannot be deleted is an error, and stays noted" {
  [[ $SANDBOX_MODE == system ]] || skip "needs root: a file system of its own"
  mkdir "$SANDBOX/ro"
  mount -t tmpfs -o size=8m tmpfs "$SANDBOX/ro"
  guest web1 /lab
  guest web2 /lab
  mv "$SANDBOX_DISKS/web1.img" "$SANDBOX/ro"
  redefine web1 "s,$SANDBOX_DISKS,$SANDBOX/ro,"
  virsh -q pool-define-as ro dir --target "$SANDBOX/ro"
  virsh -q pool-start ro
  mount -o remount,ro "$SANDBOX/ro"
  run_vmm 1 rm --disks web1 web2
  assert_match "^vmm-rm: cannot remove '/lab/web1': the VM is gone, but '$SANDBOX/ro/web1.img' cannot be deleted: .*; 'vmm fsck' lists what is left$" "$stderr"
  assert_equal "$(virsh -q list --all)" ""
  assert_equal "$(disks)" ""
  assert_equal "$(left_over)" "$SANDBOX/ro/web1.img"
}

@test "rm --disks: a pool that is not active refuses, but not with --force" {
  guest web1
  virsh -q pool-define-as side dir --target "$SANDBOX/side"
  run_vmm 4 rm --disks web1
  assert_stderr_is_one_line "^vmm-rm: the storage pool 'side' cannot be read"
  is_there web1
  run_vmm rm -n web1
  run_vmm rm -q --disks --force web1
  assert_equal "$(disks)" ""
}

@test "rm --dry-run: says what would be done, and does nothing" {
  local before
  qguest web1 /lab
  run_vmm snapshot web1
  run_vmm clone --linked --folder=/lab src c1 || qguest src
  run_vmm ls -R -o path,state,snapshots
  before=$output$(disks)$(kept)
  run_vmm rm -n --force web1
  assert_output "remove /lab/web1"
  run_vmm rm -n --disks --force web1
  assert_output "remove /lab/web1
delete /lab/web1	$(disk web1)"
  assert_stderr_is_empty
  run_vmm rm -n -0 -q --force web1
  run_vmm ls -R -o path,state,snapshots
  assert_equal "$output$(disks)$(kept)" "$before"
  assert_equal "$(left_over)" ""
}

# --- sudden ends ---

# all_noted: whatever there still is of a VM that is gone
all_noted() {
  local file
  for file in "$SANDBOX_DISKS"/*; do
    [[ ! -e $file ]] || assert_match "^$file$" "$(left_over)"
  done
}

# killed_by_force WHAT: libvirtd, in the removal of a VM that runs
killed_by_force() {
  qguest web1
  virsh -q 'start web1; snapshot-create-as web1 one'
  daemon_struck "$1" vmm rm -q --disks --force web1
  if is_there web1; then
    run_vmm stop --now web1
    qemu-img check -q "$(disk web1)"
    # killed while it gives files back, libvirt can take its own for another's
    rm -f "$SANDBOX/web1.console"
    run_vmm revert web1
    run_vmm rm -q --disks --force web1
  fi
  all_noted
  rm -rf "${SANDBOX_DISKS:?}"/* "$SANDBOX"/*.console "$XDG_STATE_HOME/vmm"
}

@test "rm --disks --force: libvirtd killed at every call that changes something: whole, or gone" {
  at_every_change "daemon:before daemon:after" killed_by_force
  # it ends the guest, which takes longer than the others
  killed_by_force daemon:in:c1
}

# killed_between_files WHAT: libvirtd, in the removal of what was made before
killed_between_files() {
  cp -p "$BATS_TEST_TMPDIR"/disks/* "$SANDBOX_DISKS"
  virsh -q "define $BATS_TEST_TMPDIR/web1.xml; pool-refresh default" >/dev/null
  daemon_struck "$1" vmm rm -q --disks web1
  all_noted
  left=$((left + $(find "$SANDBOX_DISKS" -type f | wc -l)))
  ((ended)) || assert_equal "$(disks)" ""
  if is_gone web1; then
    bash -c "virsh -q define '$(echo "$XDG_STATE_HOME"/vmm/removed/*/domain.xml)'"
  else
    assert_equal "$(disks)" "$(cd "$BATS_TEST_TMPDIR/disks" && echo *)"
  fi
  virsh -q undefine web1
  rm -rf "${SANDBOX_DISKS:?}"/* "$XDG_STATE_HOME/vmm"
}

@test "rm --disks: libvirtd killed at every call between its five files: what is left is noted" {
  local left=0
  linked_often web1 4
  cp -pr "$SANDBOX_DISKS" "$BATS_TEST_TMPDIR/disks"
  virsh -q dumpxml --security-info web1 >"$BATS_TEST_TMPDIR/web1.xml"
  at_every_change "daemon:before daemon:after" killed_between_files
  ((left > 0)) || fail "the daemon was always killed too late"
}

@test "rm --disks: a clone that was made while it waited is not pulled from under" {
  GUEST_FORMAT=qcow2 guest web1
  # its overlay is untouched since, and the next clone stands on the same base
  vmm clone --linked web1 first >/dev/null
  vmm rm --disks -q first 2>/dev/null
  vmm rm -n --disks web1 >/dev/null
  local file fd held=() removing
  for file in "$XDG_RUNTIME_DIR"/vmm/lock-*; do
    exec {fd}<"$file"
    flock "$fd"
    held+=("$fd")
  done
  (close_fds && exec vmm rm --disks web1) >/dev/null 2>"$BATS_TEST_TMPDIR/err" &
  removing=$!
  wait_until 20 waits_for_lock "$removing"
  kill -STOP "$removing"
  for fd in "${held[@]}"; do
    flock -u "$fd"
    exec {fd}<&-
  done
  vmm clone --linked web1 second >/dev/null
  kill -CONT "$removing"
  assert_ends "$removing" 0
  [[ -e $SANDBOX_DISKS/web1.qcow2 ]]
  run_vmm fsck
  vmm start second
  assert_equal "$(vm_state second)" running
}

# Which VM is a linked clone of which, and on what they stand: ls -o origin,base,
# ls --clones-of, tree --clones, info. On the test driver; disks on real guests.

load helpers

GOLD=0a000000-0000-4000-8000-00000000000a
GONE=0b000000-0000-4000-8000-00000000000b

setup_file() {
  export QEMU_URI=$LIBVIRT_DEFAULT_URI LC_ALL=C.UTF-8
  hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
  VM_UUID=$GOLD test_vm gold /base
  ORIGIN=$GOLD test_vm web10 /lab web
  ORIGIN=$GOLD test_vm web2 /lab/deep
  ORIGIN=$GONE test_vm orphan /lab
  test_vm solo /lab
  ORIGIN=$(vmm ls -o uuid web2) test_vm inner /lab
}

# qemu: this test is about real guests
qemu() {
  export LIBVIRT_DEFAULT_URI=$QEMU_URI
}

teardown() {
  [[ $LIBVIRT_DEFAULT_URI != "$QEMU_URI" ]] || drop_guests
}

# overlay NAME BASE: the disk of the guest NAME becomes an overlay of the disk
# BASE.qcow2
overlay() {
  mv "$SANDBOX_DISKS/$1.qcow2" "$SANDBOX_DISKS/$2.qcow2"
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/$2.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/$1.qcow2"
  virsh -q pool-refresh default
}

# ---- columns ----------------------------------------------------------------

@test "origin: ls -o has the path, the UUID of one that is gone, or nothing" {
  run_vmm ls -R -o name,origin
  assert_output "gold	-
web2	/base/gold
inner	/lab/deep/web2
orphan	$GONE
solo	-
web10	/base/gold"
  assert_stderr_is_empty
}

@test "origin: the path is found although the origin is not listed" {
  run_vmm ls -o origin web10 orphan inner
  assert_output "/base/gold
$GONE
/lab/deep/web2"
  run_vmm ls -R -s running -o origin
  assert_output ""
  virsh -q start web10
  run_vmm ls -R -s running -o name,origin
  virsh -q destroy web10
  assert_output "web10	/base/gold"
}

@test "origin: ls --json has it when asked for, with null for none" {
  run_vmm ls --json -o origin,base gold web2 orphan
  assert_output "{\"origin\":null,\"base\":null}
{\"origin\":\"/base/gold\",\"base\":null}
{\"origin\":\"$GONE\",\"base\":null}"
  run_vmm ls --json web2
  refute_match origin
}

@test "origin: folders have none, and it can be sorted by" {
  run_vmm ls -o path,origin,base /lab
  assert_line "/lab/deep/	-	-"
  run_vmm ls -R --sort=origin -o name
  assert_output "gold
solo
web2
web10
inner
orphan"
}

@test "origin: what is no UUID is none, and fsck says so and mends it" {
  ORIGIN=../gold test_vm odd /odd
  run_vmm ls -o path,origin odd
  assert_output "/odd/odd	-"
  assert_stderr_is_empty
  run_vmm 1 fsck odd
  assert_match "its origin is no UUID" "$output$stderr"
  run_vmm fsck --repair odd
  run_vmm fsck odd
  refute_match origin "$(virsh dumpxml odd)"
  virsh -q undefine odd
}

@test "origin: a change of folder and labels keeps it" {
  ORIGIN=$GOLD test_vm keeper /x
  run_vmm mv keeper /y/
  run_vmm label -a l keeper
  run_vmm ls -o path,labels,origin keeper
  virsh -q undefine keeper
  assert_output "/y/keeper	l	/base/gold"
}

# ---- ls --clones-of ---------------------------------------------------------

@test "ls --clones-of: all clones of one VM, wherever they are, and no folders" {
  run_vmm ls --clones-of=gold
  assert_output "/lab/deep/web2
/lab/web10"
  run_vmm ls --clones-of=/base/gold
  assert_output "/lab/deep/web2
/lab/web10"
  run_vmm ls --clones-of="${GOLD^^}" -o name
  assert_output "web2
web10"
  run_vmm ls --clones-of='go*' -o name
  assert_output "web2
web10"
}

@test "ls --clones-of: it narrows what operands and filters name" {
  run_vmm ls --clones-of=gold /lab/deep
  assert_output /lab/deep/web2
  run_vmm ls --clones-of=gold -L web
  assert_output /lab/web10
  run_vmm ls --clones-of=gold solo web10
  assert_output /lab/web10
  run_vmm ls --clones-of=solo
  assert_output ""
  run_vmm ls --clones-of=gold -s running
  assert_output ""
}

@test "ls --clones-of: the filters do not matter to the VM itself" {
  run_vmm ls --clones-of=gold -L web --no-label=none -s shutoff
  assert_output /lab/web10
}

@test "ls --clones-of: a UUID of a VM that is gone" {
  run_vmm ls --clones-of=$GONE
  assert_output /lab/orphan
  run_vmm ls --clones-of=0c000000-0000-4000-8000-00000000000c
  assert_output ""
}

@test "ls --clones-of: no such VM, several or a folder are an error" {
  run_vmm 1 ls --clones-of=nobody
  assert_output ""
  assert_stderr_is_one_line "^vmm-ls: no VM 'nobody'$"
  run_vmm 1 ls --clones-of=/lab/gold
  assert_stderr_is_one_line "^vmm-ls: no VM '/lab/gold'; 'gold' is at '/base/gold'$"
  run_vmm 1 ls --clones-of='web*'
  assert_output ""
  assert_stderr_is_one_line "^vmm-ls: 'web\*' is 2 VMs; --clones-of takes one$"
  run_vmm 1 ls --clones-of=/lab/
  assert_stderr_is_one_line "^vmm-ls: '/lab/' is a folder"
  run_vmm 1 ls --clones-of=
  assert_stderr_is_one_line "^vmm-ls: an empty operand"
}

# ---- tree --clones ----------------------------------------------------------

@test "tree --clones: clones beneath their origins, by full paths" {
  run_vmm tree --clones
  assert_output "/base/gold
├── /lab/deep/web2
│   └── /lab/inner
└── /lab/web10
/lab/orphan (clone of $GONE, which is gone)"
}

@test "tree --clones: of the selected VMs, naming an origin beyond them" {
  run_vmm tree --clones /lab/deep solo
  assert_output "/lab/deep/web2 (clone of /base/gold)"
  run_vmm tree --clones gold
  assert_output "/base/gold"
  run_vmm tree --clones solo
  assert_output ""
  run_vmm tree --clones -L web
  assert_output "/lab/web10 (clone of /base/gold)"
  run_vmm 1 tree --clones nobody
  assert_stderr_is_one_line "^vmm-tree: no VM or folder 'nobody'$"
}

@test "tree --clones --color: by state, without the mark" {
  virsh -q start orphan
  run_vmm tree --clones --color=always /lab
  virsh -q destroy orphan
  assert_line $'\033[32m/lab/orphan\033[0m (clone of '"$GONE, which is gone)"
}

@test "tree --clones: circles end, and hostile names are escaped" {
  local a=0d000000-0000-4000-8000-0000000000 evil
  VM_UUID=${a}01 ORIGIN=${a}02 test_vm ring1 /c
  VM_UUID=${a}02 ORIGIN=${a}01 test_vm ring2 /c
  VM_UUID=${a}03 ORIGIN=${a}03 test_vm self $'/c/\u202e'
  ORIGIN=${a}03 test_vm tail '/c'
  VMM_TIMEOUT=10 run_vmm tree --clones /c
  evil=$output
  VMM_TIMEOUT=10 run_vmm tree --clones tail
  VMM_TIMEOUT=10 run_vmm ls -o name,origin self ring1
  virsh -q 'undefine ring1; undefine ring2; undefine self; undefine tail'
  assert_output 'self	/c/\xe2\x80\xae/self
ring1	/c/ring2'
  assert_equal "$evil" '/c/\xe2\x80\xae/self (in a circle)
└── /c/tail
/c/ring1 (in a circle)
└── /c/ring2'
}

@test "origin: 1000 clones are listed and drawn in no time" {
  local before=$SECONDS
  ORIGIN=$GOLD test_vms c 1000 10
  VMM_TIMEOUT=20 run_vmm tree --clones >/dev/null
  assert_equal "$(grep -c '^├── /c/' <<<"$output")" 1000
  VMM_TIMEOUT=20 run_vmm ls --clones-of=gold /c >/dev/null
  assert_equal "${#lines[@]}" 1000
  VMM_TIMEOUT=20 run_vmm ls -R -o origin /c >/dev/null
  assert_equal "$(sort -u <<<"$output")" /base/gold
  ((SECONDS - before < 60))
}

# ---- disks ------------------------------------------------------------------

@test "ls -o base: the backing file of a disk, off and running" {
  qemu
  guest plain
  GUEST_FORMAT=qcow2 guest web1
  overlay web1 base
  run_vmm ls -R -o name,base
  assert_output "plain	-
web1	$SANDBOX_DISKS/base.qcow2"
  overlay web1 middle
  run_vmm ls -o base web1
  assert_output "$SANDBOX_DISKS/middle.qcow2"
  run_vmm start web1
  run_vmm ls -o base web1
  assert_output "$SANDBOX_DISKS/middle.qcow2"
  run_vmm ls --json -o base web1 plain
  assert_output "{\"base\":\"$SANDBOX_DISKS/middle.qcow2\"}
{\"base\":null}"
}

@test "ls -o base: of the first disk that can be written to" {
  qemu
  GUEST_FORMAT=qcow2 guest web1
  overlay web1 base
  GUEST_FORMAT=qcow2 guest other
  overlay other otherbase
  # libvirt sorts disks by their targets
  virsh dumpxml web1 | sed "s/'hda'/'hdb'/; /<address type='drive'/d
    0,/<disk /s||<disk type='file' device='cdrom'>\
<source file='$SANDBOX_DISKS/other.qcow2'/><driver name='qemu' type='qcow2'/>\
<target dev='hda' bus='ide'/><readonly/></disk><disk |" |
    virsh -q define /dev/stdin
  assert_equal "$(vmm info --json web1 | jq -r '.disks[0].device')" cdrom
  run_vmm ls -o base web1
  assert_output "$SANDBOX_DISKS/base.qcow2"
}

@test "ls -o base: what no pool knows is nothing" {
  qemu
  GUEST_FORMAT=qcow2 guest web1
  overlay web1 base
  rm "$SANDBOX_DISKS/web1.qcow2"
  virsh -q pool-refresh default
  run_vmm ls -o name,base web1
  assert_output "web1	-"
}

@test "info: the origin, and how many files a chain has" {
  local gold
  qemu
  GUEST_FORMAT=qcow2 guest gold /base
  gold=$(vmm ls -o uuid gold)
  ORIGIN=$gold GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm info gold
  assert_line "origin: -"
  refute_match '^chain:'
  overlay web1 base
  overlay web1 middle
  run_vmm info web1
  assert_line "origin: /base/gold"
  assert_line "chain: hda 3 files"
  run_vmm info --json web1 gold
  assert_equal "$(jq -c '[.origin, (.disks[0].chain | length)]' <<<"$output")" \
    '["/base/gold",3]
[null,1]'
  virsh -q undefine gold
  run_vmm info web1
  assert_line "origin: $gold"
  run_vmm info --json web1
  assert_equal "$(jq -r .origin <<<"$output")" "$gold"
}

@test "info: a chain of which the end is unknown is said to be longer" {
  qemu
  GUEST_FORMAT=qcow2 guest web1
  overlay web1 base
  mv "$SANDBOX_DISKS/base.qcow2" "$SANDBOX/base.qcow2"
  qemu-img rebase -u -b "$SANDBOX/base.qcow2" -F qcow2 \
    "$SANDBOX_DISKS/web1.qcow2"
  virsh -q pool-refresh default
  run_vmm info web1
  rm "$SANDBOX/base.qcow2"
  assert_line "chain: hda at least 2 files"
}

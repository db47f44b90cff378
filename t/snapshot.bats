# vmm snapshot, on real guests.

load helpers

teardown() {
  drop_guests
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

@test "snapshot: a raw disk gives an external one, and a warning why" {
  up raw /lab
  run_vmm snapshot --name=one raw
  assert_stderr_is_one_line "warning: '/lab/raw' gets an external snapshot, for its disk hda is raw, to which this libvirt cannot revert"
  run_vmm snapshot -o kind,memory raw
  assert_output $'external\tyes'
  assert_goes_on raw
  run_vmm 1 revert raw
  assert_stderr_is_one_line "its snapshot 'one' is external, and this libvirt cannot revert to those; from 9.9 on it can"
}

@test "snapshot --disk-only: external, without memory; --quiesce needs it" {
  GUEST_FORMAT=qcow2 up web1
  run_vmm snapshot --disk-only --name=one web1
  run_vmm snapshot -o kind,memory,state web1
  assert_output $'external\tno\tdisk-snapshot'
  assert_goes_on web1
  run_vmm 2 snapshot --quiesce web1
  run_vmm 1 snapshot --disk-only --quiesce --name=two web1
  assert_match "cannot snapshot '/web1': .*agent" "$stderr"
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
  assert_stderr_is_one_line "cannot delete a snapshot of '/lab/base': its disk '.*/base.qcow2' is what '.*/clone.qcow2' stands on"
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
  assert_match "elsewhere/clone.qcow2' stands on" "$stderr"
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
  assert_match "is what '.*web1.b' stands on" "$stderr"
}

@test "snapshot --delete: libvirt's own words when it cannot" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  run_vmm snapshot --disk-only --name=b web1
  run_vmm snapshot --disk-only --name=c web1
  run_vmm 1 snapshot --delete=b --children web1
  assert_stderr_is_one_line "cannot delete a snapshot of '/lab/web1': unsupported configuration"
}

# vmm menu on a terminal: every action starts from a key and ends in a VM.
#
# check: release: what it runs of ours, screen.bats and each verb's file run, too

load helpers
load menu

@test "menu: start, pause, resume, save, restore, shut down, force off by keys" {
  guest web1 /lab
  menu /lab/
  sees 'shutoff      web1'
  keys M-s
  sees '^  Start: /lab/web1'
  assert_equal "$(vm_state web1)" running
  console_wait web1 '^2$'
  keys M-p
  sees '^  Pause: /lab/web1'
  assert_equal "$(vm_state web1)" paused
  keys M-p
  sees '^  Resume: /lab/web1'
  assert_equal "$(vm_state web1)" running
  keys M-w
  sees '^  Save the state and power off: /lab/web1'
  sees '^> ◎ saved        web1'
  keys M-s
  sees '^  Restore the saved state: /lab/web1'
  assert_goes_on web1
  keys M-x
  sees '^  Shut down: /lab/web1'
  assert_match 'GUEST OFF' "$(<"$SANDBOX/web1.console")"
  keys M-s
  sees '^  Start: /lab/web1'
  keys M-k
  sees 'Force off: /lab/web1\?'
  keys Enter # No
  sees 'alt-s start'
  assert_equal "$(vm_state web1)" running
  keys M-k
  confirms '^  Force off: /lab/web1'
  assert_equal "$(vm_state web1)" "shut off"
  keys M-x
  sees "'stop' is not for /lab/web1 as it is now"
}

@test "menu: a VM's own screen has its actions, and stays" {
  up web1 /lab
  menu web1
  sees '^/lab/web1>'
  acts 'Reboot' '^  Reboot: /lab/web1'
  wait_until 10 boots web1 2
  chooses 'Reset'
  confirms '^  Reset: /lab/web1'
  wait_until 10 boots web1 3
  acts 'Pause' '^  Pause: /lab/web1'
  acts 'Resume' '^  Resume: /lab/web1'
  acts 'Save the' '^  Save the state and power off'
  chooses 'Discard the saved'
  confirms '^  Discard the saved state: /lab/web1'
  run_vmm ls -o saved web1
  assert_output no
  acts 'Start paused' '^  Start paused: /lab/web1'
  assert_equal "$(vm_state web1)" paused
  acts 'Save the' '^  Save the state and power off'
  chooses 'Boot, and discard'
  confirms '^  Boot, and discard the saved state: /lab/web1'
  assert_equal "$(vm_state web1)" running
  acts 'Start with the host' '^  Start with the host: /lab/web1'
  run_vmm ls -o autostart web1
  assert_output yes
  acts 'Do not start' '^  Do not start with the host: /lab/web1'
  run_vmm ls -o autostart web1
  assert_output no
  acts 'Show the addresses' '/lab/web1'
  wait_until 10 boots web1 4
  acts 'Shut down' '^  Shut down: /lab/web1'
  assert_equal "$(vm_state web1)" "shut off"
}

@test "menu: snapshots are taken, gone back to, and deleted" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  menu web1
  sees '^/lab/web1>'
  acts 'Take a snapshot' '^  Take a snapshot: /lab/web1'
  assert_equal "$(vmm snapshot --list web1 | wc -l)" 1
  chooses 'snapshot with a name'
  sees 'Take a snapshot with a name >'
  chooses 'clean one'
  sees '^  Snapshot clean one: /lab/web1'
  run_vmm snapshot --list -o name web1
  assert_line 'clean one'
  vmm start web1
  sees 'Shut down'
  chooses 'Revert to a'
  sees 'clean one .* current'
  chooses 'clean'
  sees 'Revert /lab/web1 to clean one\?'
  confirms '^  Revert to clean one: /lab/web1'
  assert_equal "$(vm_state web1)" "shut off"
  chooses 'Delete a snapshot'
  sees 'clean one'
  chooses 'clean'
  sees 'Delete the snapshot clean one of /lab/web1\?'
  confirms '^  Delete the snapshot clean one: /lab/web1'
  run_vmm snapshot --list -o name web1
  refute_line 'clean one'
}

@test "menu: clones, linked and in full, flatten, rename, remove" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  menu web1
  sees '^/lab/web1>'
  chooses 'Clone, in full'
  sees 'web1-clone'
  keys Enter
  sees '^  Clone web1-clone: /lab/web1'
  chooses 'Clone, linked'
  sees 'web1-clone2'
  chooses 'Another name'
  sees 'Another name ... >'
  chooses 'linked 1'
  sees '^  Clone linked 1: /lab/web1'
  run_vmm ls /lab
  assert_output "/lab/linked 1
/lab/web1
/lab/web1-clone"
  [[ $(vmm ls -o base 'linked 1') != - ]]
  keys Escape
  sees '^STATUS 0|^vmm>'
  menu /lab/
  chooses linked
  sees '^/lab/linked 1>'
  acts 'Make independent' '^  Make independent of its base: /lab/linked 1'
  assert_equal "$(vmm ls -o base 'linked 1')" -
  chooses 'Rename'
  sees '^ *Rename'
  chooses 'free'
  sees '^  Rename to free: /lab/'
  run_vmm ls /lab/free
  chooses 'Remove with its disks'
  confirms '^  Remove with its disks: /lab/free'
  sees '^/lab/>' # where else, it is gone
  run_vmm ls /lab
  refute_line /lab/free
  [[ ! -e $SANDBOX_DISKS/linked\ 1-hda.qcow2 ]]
  keys C-u
  chooses 'web1-clone'
  sees '^/lab/web1-clone>'
  chooses 'Remove, and keep'
  confirms '^  Remove, and keep the disks: /lab/web1-clone'
  run_vmm ls /lab
  assert_output "/lab/web1"
  ls "$SANDBOX_DISKS"/web1-clone*
}

@test "menu: VMs are moved and labelled, one or several, typed or chosen" {
  guest web1 /lab web
  guest web2 /lab web
  guest other /prod
  menu /lab/
  sees '^> ○ shutoff      web1'
  keys M-m
  sees '▸ /prod/'
  acts 'prod' '^  Move to /prod/: /lab/web1|^  Move to /prod/: /prod/web1'
  run_vmm ls /prod
  assert_line /prod/web1
  keys M-m
  sees 'Another folder'
  acts 'a new/folder' '^  Move to a new/folder:'
  run_vmm ls -R
  assert_line '/a new/folder/web2'
  keys Escape
  sees '^STATUS 0|^vmm>'
  menu
  sees 'Browse all'
  chooses 'Browse all'
  sees '^> ○ shutoff      /a new/folder/web2'
  keys Tab Tab
  sees '(>.*){2}|^ >'
  keys M-l
  sees '^2 VMs>'
  acts 'A new label' 'A new label ...'
  chooses 'new one'
  sees '^  Add the label new one:'
  run_vmm ls -R -L 'new one'
  assert_equal "${#lines[@]}" 2
  keys Up Up Up M-l
  sees 'delete web'
  acts 'delete web' '^  Delete the label web: '
  run_vmm ls -R -L web
  assert_equal "${#lines[@]}" 1
}

@test "menu: several marked VMs are started and forced off at once" {
  guest web1 /lab
  guest web2 /lab
  guest web3 /lab
  menu /lab/
  sees 'web3'
  keys Tab Tab M-s
  sees '^  Start: /lab/web1, /lab/web2'
  assert_equal "$(vm_state web1) $(vm_state web2) $(vm_state web3)" \
    "running running shut off"
  keys Up Up Up Tab Tab Enter
  sees '^2 VMs>'
  chooses 'Force off'
  sees 'Force off: /lab/web1, /lab/web2\?'
  confirms '^  Force off: /lab/web1, /lab/web2'
  assert_equal "$(vm_state web1) $(vm_state web2)" "shut off shut off"
}

# The program that follows the list waits for the marks to go.
holds() {
  [[ $(readlink /proc/[0-9]*/fd/* 2>/dev/null) == *anon_inode:inotify* ]]
}

@test "menu: marks stay when VMs change, and the list follows once they are gone" {
  local name
  for name in web1 web2 web3 web4; do
    guest "$name" /lab
  done
  menu /lab/
  sees 'web4'
  keys Tab Tab
  virsh -q start web4
  wait_until 20 holds || fail "the list is not held"
  keys Up Up Tab Tab
  sees '● running      web4'
  keys Up Up Tab Tab
  virsh -q destroy web4
  wait_until 20 holds || fail "the list is not held"
  keys M-s
  sees '^  Start: /lab/web1, /lab/web2'
  sees '○ shutoff      web4'
  assert_equal "$(vm_state web1) $(vm_state web2) $(vm_state web3)" \
    "running running shut off"
}

@test "menu: the display is opened by the configured viewer" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[viewer]\ncommand = "touch %s/viewed-%%i"\n' "$BATS_TEST_TMPDIR" \
    >"$XDG_CONFIG_HOME/vmm/config"
  guest web1 /lab
  # where QEMU may make a socket, whoever it runs as
  mkdir -m 1777 "$SANDBOX/vnc"
  virsh -q dumpxml web1 | sed 's|<video>|<graphics type="vnc" socket="'"$SANDBOX"'/vnc/socket"/><video>|' \
    >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  vmm start web1
  menu web1
  sees '^> Open the display'
  keys Enter
  sees '^  Open the display: /lab/web1'
  wait_until 10 test -e "$BATS_TEST_TMPDIR/viewed-$(vmm ls -o uuid web1)"
}

@test "menu: the console is the guest's, and the menu is there again after it" {
  guest web1 /lab
  virsh -q dumpxml web1 | perl -0pe "s{<serial.*</console>}{<serial type='pty'/>}s" \
    >"$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  vmm start web1
  menu /lab/
  sees '● running      web1'
  keys M-c
  sees '^[0-9]+$'
  keys 'C-]'
  sees '^/lab/>'
}

@test "menu: the definition is edited" {
  guest web1 /lab
  printf '#!/bin/sh\nsed -i "s|<memory |<title>edited</title>&|" "$1"\n' \
    >"$BATS_TEST_TMPDIR/editor"
  chmod +x "$BATS_TEST_TMPDIR/editor"
  export VISUAL=$BATS_TEST_TMPDIR/editor EDITOR=$BATS_TEST_TMPDIR/editor
  menu web1
  acts 'Edit the' '^  Edit the definition: /lab/web1'
  run_vmm ls -o title web1
  assert_output edited
}

@test "menu: a new VM is filed in the folder that is shown" {
  guest web1 /lab
  mkdir "$BATS_TEST_TMPDIR/bin"
  cat >"$BATS_TEST_TMPDIR/bin/virt-manager" <<'END'
#!/bin/sh
virsh dumpxml web1 | sed '/<uuid>/d; /<metadata>/,/<\/metadata>/d; s|<name>web1|<name>made|' |
  virsh define /dev/stdin >/dev/null
END
  chmod +x "$BATS_TEST_TMPDIR/bin/virt-manager"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH DISPLAY=:97 menu /lab/
  chooses 'Create a VM here'
  wait_until 30 eval '[[ $(vmm ls /lab) == */lab/made* ]]'
  run_vmm ls /lab
  assert_line /lab/made
}

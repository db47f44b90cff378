# vmm menu on a real desktop: from a key in wofi to the state of a real VM, and
# what a notification says of it.
#
# check: release: no C of ours is beneath it but what screen.bats runs

load helpers
load desktop

setup_file() {
  start_desktop
}

setup() {
  need_desktop
}

teardown() {
  makoctl dismiss --all
  rm -f "$DESKTOP/critical"
  drop_guests
}

# menu [ARG...]
menu() {
  asks vmm menu --picker=wofi "$@" </dev/null
}

# told ERE: by a notification
told() {
  wait_until 20 is_told "$1" || fail "$(makoctl list)"
}

is_told() {
  makoctl list | jq -r '.data[0][] | .summary.data + ": " + .body.data' |
    grep -qE -e "$1"
}

@test "menu: wofi, from the first screen to a VM that runs" {
  guest web1 /lab
  menu
  presses 'browse all' -k Return
  presses web1 -k Return
  presses start -k Return
  picked 0
  assert_equal "$(vm_state web1)" running
  told '^Start /lab/web1: '
  [[ ! -e $DESKTOP/critical ]]
}

@test "menu: wofi asks before what harms, and Enter alone does not" {
  up web1 /lab
  menu web1
  presses 'force off' -k Return
  presses -k Return
  presses -k Escape
  picked 0
  assert_equal "$(vm_state web1)" running
  menu web1
  presses 'force off' -k Return
  presses yes -k Return
  picked 0
  assert_equal "$(vm_state web1)" 'shut off'
}

@test "menu: wofi, a name is typed; markup in one is text" {
  guest web1 /lab
  menu web1
  presses rename -k Return
  presses '<b>&amp;' -k Return
  picked 0
  assert_equal "$(vmm ls /lab)" '/lab/<b>&amp;'
  menu
  presses 'browse all' -k Return
  presses '<b>&' -k Return
  presses start -k Return
  picked 0
  assert_equal "$(vm_state '<b>&amp;')" running
  told '^Start /lab/<b>&amp;: '
}

@test "menu: wofi, a failure is a critical notification" {
  guest web1 /lab
  rm "$SANDBOX_DISKS/web1.img"
  menu web1
  presses start -k Return
  picked 1
  told "^Start /lab/web1: cannot start '/lab/web1'"
  [[ -e $DESKTOP/critical ]]
}

@test "menu: wofi, a VM through snapshot, revert, clone, label, move and removal" {
  GUEST_FORMAT=qcow2 guest web1 /lab
  menu web1
  presses 'take a snapshot with' -k Return
  presses clean -k Return
  picked 0
  assert_equal "$(vmm snapshot --list web1 | cut -f2)" clean
  virsh -q start web1
  menu web1
  presses 'revert to' -k Return
  presses clean -k Return
  presses yes -k Return
  picked 0
  assert_equal "$(vm_state web1)" 'shut off'
  virsh -q snapshot-delete web1 clean
  menu web1
  presses 'clone, linked' -k Return
  presses web2 -k Return
  picked 0
  assert_equal "$(vmm ls -o path,origin /lab)" $'/lab/web1\t-\n/lab/web2\t/lab/web1'
  menu web2
  presses labels -k Return
  presses blue -k Return
  picked 0
  assert_equal "$(vmm ls -o labels web2)" blue
  menu web2
  presses 'move to' -k Return
  presses '/else/where' -k Return
  picked 0
  assert_equal "$(vmm ls -R)" $'/else/where/web2\n/lab/web1'
  menu web2
  presses 'remove with' -k Return
  presses yes -k Return
  picked 0
  assert_equal "$(vmm ls -R)" /lab/web1
}

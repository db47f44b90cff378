# vmm menu on a terminal: its screens, and the way from one to the next.
#
# check: release: what it runs of ours screen.bats and each verb's file run, too

load helpers
load menu

@test "menu: vmm alone opens it, Escape leaves it" {
  guest web1 /lab web
  vmm start web1
  terminal vmm
  sees '^> ● running      /lab/web1  #web'
  sees 'Browse all \(1\)'
  sees 'path: /lab/web1' # the preview
  keys Escape
  sees '^STATUS 0'
}

@test "menu: Escape goes back from every screen, and leaves nothing behind" {
  GUEST_FORMAT=qcow2 guest web1 /lab web
  vmm snapshot --name=clean web1 >/dev/null
  menu
  sees 'Browse all'
  chooses 'Browse all'
  sees '^all>'
  keys Enter
  sees '^/lab/web1>'
  local screen
  for screen in 'Revert to a snapshot' 'Clone, in full' 'Move to a folder' \
    'Labels' 'Delete a snapshot'; do
    keys C-u
    chooses "$screen"
    sees '^  \? help · Esc back'
    keys Escape
    sees 'alt-s start'
  done
  keys Escape
  sees '^all>'
  keys Escape
  sees '^vmm>'
  for screen in Folders Labels Connection; do
    keys C-u
    chooses "$screen"
    sees "^${screen,}s?>"
    keys Escape
    sees '^vmm>'
  done
  keys Escape
  sees '^STATUS 0'
  run ls "$TMPDIR"
  refute_match '^vmm-menu'
}

@test "menu: the list follows the VMs, and what was typed stays" {
  guest web1 /lab
  guest web2 /lab
  menu /lab/
  sees 'web2'
  keys -l web
  sees '^/lab/> web'
  virsh -q start web2
  sees '● running      web2'
  sees '^/lab/> web'
  vmm label -a fresh web1
  sees 'web1  #fresh'
  vmm mv web1 /prod/
  wait_until 10 eval '! has "web1"'
  sees '^/lab/> web'
}

@test "menu: after an action the cursor is where it was" {
  local i
  for i in 1 2 3; do
    guest "web$i" /lab
  done
  menu /lab/
  sees '^> ○ shutoff      web1'
  keys Down
  sees '^> ○ shutoff      web2'
  keys M-s
  sees '^> ● running      web2'
  sees '^  Start: /lab/web2'
}

@test "menu: browsing by label and by folder" {
  guest web1 /lab/sub web
  guest db1 /lab db
  menu
  sees 'Folders'
  chooses Labels
  sees '# db  \(1\)'
  chooses web
  sees '^#web>'
  sees 'shutoff      /lab/sub/web1'
  keys Escape
  sees '^labels>'
  keys Escape
  sees '^vmm>'
  keys C-u
  chooses Folders
  sees '▸ /lab/  \(2\)'
  chooses /lab/sub
  sees '^/lab/sub/>'
  keys Enter
  sees '^/lab/sub/web1>'
}

@test "menu: another host, and back where that cannot be had" {
  guest web1
  menu
  sees 'Browse all \(1\)'
  chooses Connection
  sees 'qemu:///session'
  chooses test:///default
  sees 'Connection: test:///default'
  sees 'running +/test'
  chooses Connection
  sees 'qemu:///session'
  chooses 'qemu+unix:///system?socket=/nonexistent'
  sees "cannot connect to 'qemu\+unix:///system"
  sees 'Connection: test:///default'
}

@test "menu: a VM that is gone is one line, and the list again" {
  guest web1 /lab
  guest web2 /lab
  menu /lab/
  chooses web1
  sees '^/lab/web1>'
  virsh -q undefine web1
  sees "^> no VM '"
  keys Enter
  sees '^/lab/>'
  misses '○ shutoff      web1'
  # and one that goes before the list can tell
  keys C-u
  sees 'web2'
  daemon pause
  keys M-s
  daemon resume
  sees '^  Start: /lab/web2'
}

@test "menu: hostile names stay names" {
  local name=$'a\t<b>&"\'$(touch pwned)`touch pwned`; touch pwned \\x {1} {}'
  guest web1 '/<i>x<i> $(touch pwned)' '<b>l</b> $(touch pwned)'
  guest -rf /lab
  virsh -q dumpxml web1 >"$BATS_TEST_TMPDIR/xml"
  NAME=$(xml_escape "$name") perl -pi -e \
    's{<name>.*}{<name>$ENV{NAME}</name>}; s{<uuid>.*}{}' "$BATS_TEST_TMPDIR/xml"
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  menu
  sees 'Folders'
  chooses Folders
  sees '▸ /<i>x<i> \$\(touch pwned\)/  \(2\)'
  chooses '<i>'
  sees '^/<i>x<i> \$\(touch pwned\)/>'
  sees 'a\\t<b>&'
  chooses '<b>&'
  sees '> ?Start'
  acts 'Start paused' '^  Start paused: '
  assert_equal "$(vm_state "$name")" paused
  chooses 'Force off'
  confirms '^  Force off: '
  chooses Rename
  sees '^ *Rename'
  chooses '-n'
  sees '^  Rename to -n: '
  run_vmm ls -o name -R
  assert_line -n
  keys Escape
  sees '^/<i>x<i> [^>]*/> <b>&'
  keys Escape
  sees '^folders>'
  keys C-u
  chooses '/lab/'
  sees '○ shutoff      -rf'
  keys M-s
  sees '^  Start: /lab/-rf'
  assert_equal "$(vm_state -rf)" running
  [[ ! -e pwned && ! -e $HOME/pwned ]]
}

# the folder /lab with web1, web2 and web3, the cursor on the first
menu_of_three() {
  local i
  for i in 1 2 3; do
    guest "web$i" /lab
  done
  menu /lab/
  sees 'web3'
}

@test "menu: typing fast does not choose another VM" {
  menu_of_three
  keys web3 M-s
  sees '^  Start: /lab/web3'
  keys C-u web2 M-s
  sees '^  Start: /lab/web2'
  assert_equal "$(vm_state web1)" "shut off"
  # it suits the line that fzf shows meanwhile, too, but not as well
  guest 'a web3' /lab
  keys C-u
  sees '^> ○ shutoff      a web3'
  keys w e b 3 Enter
  sees '^/lab/web3>'
  # what is typed then is for no screen, or for the next
  keys Escape
  sees '^/lab/> web3'
  keys C-u
  sees '^> ○ shutoff      a web3'
  keys w e b 3 Enter o f f
  sees '^/lab/web3>'
}

@test "menu: the line that the cursor was moved to is chosen, and marked ones" {
  menu_of_three
  keys -l web
  sees '^/lab/> web'
  keys Down Down
  sees '^> ○ shutoff      web3'
  keys Enter
  sees '^/lab/web3>'
  keys Escape
  sees '^/lab/> web'
  keys Tab
  sees '^ >○ shutoff      web1'
  keys Down Enter
  sees '^/lab/web1>'
}

@test "menu: whoever moves first and types then means the line with the cursor" {
  menu_of_three
  keys Down Down
  sees '^> ○ shutoff      web3'
  keys -l web
  sees '^/lab/> web'
  sees '^> ○ shutoff      web1'
  keys M-s
  sees '^  Start: /lab/web1'
}

@test "menu: a VM that came under the cursor by itself is not acted on" {
  menu_of_three
  keys Down
  sees '^> ○ shutoff      web2'
  vmm mv web1 /other
  wait_until 30 has_not web1
  keys M-s
  sees 'the list has changed'
  assert_equal "$(virsh -q list --name)" ""
  # what it means now is seen
  keys Up Down
  sees '^> ○ shutoff      web3'
  # and a change that leaves it there is none
  vmm label -a red web3
  sees '^> ○ shutoff      web3 .*#?red'
  keys M-s
  sees '^  Start: /lab/web3'
}

@test "menu: ? shows the keys, and settings change them" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  cat >"$XDG_CONFIG_HOME/vmm/config" <<'END'
[menu]
key-start = f5
key-off = f8
key-stop =
key-stop =
confirm = no
END
  guest web1 /lab
  menu /lab/
  sees '^  f5 start · alt-v view' # stop has none
  keys '?'
  sees 'f8 +force off'
  keys F5
  sees '^  Start: /lab/web1'
  keys F8
  sees '^  Force off: /lab/web1'
  assert_equal "$(vm_state web1)" "shut off"
}

@test "menu: with menu.stay=no it is over after an action, with its status" {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\nstay = no\n' >"$XDG_CONFIG_HOME/vmm/config"
  guest web1 /lab
  menu -y web1
  sees '^/lab/web1>'
  chooses 'Start'
  sees '^STATUS 0'
  assert_equal "$(vm_state web1)" running
  menu -y web1
  sees '^/lab/web1>'
  chooses 'Force off'
  sees '^STATUS 0'
  assert_equal "$(vm_state web1)" "shut off"
  rm "$SANDBOX_DISKS/web1.img"
  menu web1
  sees '^/lab/web1>'
  chooses 'Start'
  sees "^vmm-start: cannot start '/lab/web1'"
  sees '^STATUS 1'
}

@test "menu: a failure is in view, with libvirt's message, and it goes on" {
  guest web1 /lab
  rm "$SANDBOX_DISKS/web1.img"
  menu /lab/
  sees 'web1'
  keys M-s
  sees "vmm-start: cannot start '/lab/web1'"
  keys Escape
  sees '^STATUS 0'
}

@test "menu: a guest whose QEMU does not answer does not stop it" {
  local pid
  up web1 /lab
  pid=$(pids 'qemu.*guest=web1')
  kill -STOP "$pid"
  menu /lab/
  sees '● running      web1'
  sees 'path: /lab/web1'
  kill -CONT "$pid"
}

@test "menu: scripts/try opens it on the sample lab, then a shell" {
  terminal "$VMM_SRCDIR/scripts/try" --inside
  sees 'Browse all \(11\)'
  keys Escape
  sees 'This shell sees the VMs of this host only'
  sees '^[(]vmm[)] '
  # its status is the shell's, and that is all
  keys false Enter
  keys C-d
  sees '^STATUS 1'
}

@test "menu: a picker that is not installed is one line and status 127" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  ln -s "$(type -P sh)" "$VMM_EXEC_PATH/vmm" "$BATS_TEST_TMPDIR/bin"
  run -127 --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" \
    "$VMM_EXEC_PATH/vmm" menu --picker=fzf
  assert_stderr_is_one_line "^vmm-menu: fzf is not installed"
}

@test "menu: what is wrong with a command line is one line" {
  run_vmm 2 menu --nope
  assert_stderr_is_one_line "^vmm-menu: --nope: unknown option"
  run_vmm 2 menu -c
  run_vmm 2 menu a b
  run_vmm 2 menu a -- b
  guest web1
  guest web2
  run_vmm 2 menu --picker=fzf 'web*'
  assert_stderr_is_one_line "^vmm-menu: 'web\*' is several VMs"
  run_vmm 1 menu --picker=fzf nobody
  assert_stderr_is_one_line "^vmm-menu: no VM or folder 'nobody'"
  run_vmm 1 menu --picker=fzf /nobody/
  assert_stderr_is_one_line "^vmm-menu: no folder '/nobody/'$"
  run_vmm 3 menu --picker=fzf -c 'qemu+unix:///system?socket=/nonexistent'
  assert_stderr_is_one_line "cannot connect"
}

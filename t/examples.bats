# The examples of the man pages, each run as it stands there on VMs of the names
# that it has: with status 0, nothing on standard error, and the output that the
# page shows. Few are run elsewhere, and say where.
#
# `example PAGE BEGINNING` runs the one whose first line begins so ($ is the end of
# the line; a prompt is no part of it). Every example of every page has one such
# line here, or one below, and just one.
#
# check: release: it tests man pages, with commands that their own files test

load helpers

# PAGE|BEGINNING|what tests it
elsewhere() {
  cat <<'END'
vmm-completion.1|. /usr/local/share/|completion.bats: the file in a bash
vmm-console.1|vmm console --start|console.bats: keys in tmux
vmm-create.1|vmm create --folder|create.bats: virt-install, virt-manager on Xvfb
vmm-edit.1|EDITOR='emacsclient|edit.bats: editors
vmm-menu.1|vmm menu /lab/|menu.bats: keys in tmux
vmm-menu.1|vmm menu -y|menu-verbs.bats: keys in tmux
vmm-help.1|vmm help clone|help.bats: a command's page
vmm-metadata.7|<vmm:vmm|metadata.bats: read, and written
vmm-rm.1|vmm-rm: '/lab/web1' is|rm.bats: the way back
vmm-view.1|vmm view --start|view.bats: viewers
vmm.1|vmm-start: cannot|start.bats: what cannot be started
END
}

setup() {
  bin=$BATS_TEST_TMPDIR/bin
  mkdir "$bin"
  PATH=$bin:$PATH
  # an ssh that says where it would go, and to run something gets no farther
  # than this host
  program ssh "case \$* in *' sh -c '*) ;; *) echo \"ssh \$*\" && exit ;; esac" \
    "export XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR" \
    "while [ \"\$1\" != hive ]; do shift; done" shift "exec sh -c \"\$*\""
  program sudo "echo \"sudo \$*\""
  program notify-send "echo \"\$*\" >>$BATS_TEST_TMPDIR/notified"
}

teardown() {
  [[ ! ${TEST_DRIVER_HOLDER-} ]] || release_test_driver
  LIBVIRT_DEFAULT_URI=qemu:///$SANDBOX_MODE
  drop_guests
  rm -rf "${XDG_CONFIG_HOME:?}/vmm" "${XDG_STATE_HOME:?}/vmm"
}

# program NAME LINE...: a shell script in PATH
program() {
  local name=$1
  shift
  printf '%s\n' '#!/bin/sh' "$@" >"$bin/$name"
  chmod +x "$bin/$name"
}

# ---- the pages -----------------------------------------------------------------

# blocks: PAGE|FIRST-LINE of each example of all pages, without a prompt
# blocks PAGE BEGINNING: the lines of the example that begins so, as they are
blocks() {
  (cd "$VMM_SRCDIR/man" && BEGINNING=${2-} awk '
    function show(line) {
      gsub(/\\&/, "", line); gsub(/\\e/, "\\", line)
      if (first) {
        bare = line
        sub(/^\$ /, "", bare)
        here = begins != "" && index(bare "$", begins) == 1
        if (begins == "") print FILENAME "|" bare
        first = 0
      }
      if (here) print line
    }
    BEGIN { begins = ENVIRON["BEGINNING"] }
    sub(/^\.Dl /, "") { first = 1; show($0) }
    /^\.Ed/ { on = 0 }
    on { show($0) }
    /^\.Bd -literal/ { on = first = 1 }' ${1:-vmm*})
}

# named_here: PAGE|BEGINNING of all examples that this file names
named_here() {
  elsewhere | cut -d'|' -f1,2
  sed -n "s/^  \(example\|setting\|is_followed\) \([a-z.0-9-]*\) [\"']\(.*\)[\"']$/\2|\3/p" \
    "$BATS_TEST_FILENAME"
}

# example PAGE BEGINNING: runs it, as a shell does that stops at the first
# failure; sets $output. SAYS: what each line of standard error is like.
example() {
  take "$@"
  status=0
  (cd "$BATS_TEST_TMPDIR" && exec timeout 120 bash -e -o pipefail code \
    >out 2>err </dev/null) || status=$?
  read_back output lines "$BATS_TEST_TMPDIR/out"
  read_back stderr stderr_lines "$BATS_TEST_TMPDIR/err"
  printf '%s\nstandard error: %s\n' "$output" "$stderr"
  ((status == 0)) || fail "exit status: $status"
  if [[ ${SAYS-} ]]; then
    [[ $stderr ]] && ! grep -vE -e "$SAYS" <<<"$stderr"
  else
    assert_stderr_is_empty
  fi
  [[ ! -s $BATS_TEST_TMPDIR/shown ]] || assert_output "$(<"$BATS_TEST_TMPDIR/shown")"
}

# take PAGE BEGINNING: $BATS_TEST_TMPDIR/code is what a shell gets of it, shown
# what the page has for the answer. The places of the host are those of here.
take() {
  blocks "$1" "$2" | sed -e "s,/var/lib/libvirt/images,$SANDBOX_DISKS,g" \
    -e "s,hive/system,hive/$SANDBOX_MODE,g" | tee "$BATS_TEST_TMPDIR/block"
  awk -v shown="$BATS_TEST_TMPDIR/shown" '
    BEGIN { printf "" >shown }
    NR == 1 { prompts = /^\$ / }
    sub(/^\$ /, "") || sub(/^> /, "") || goes_on || !prompts {
      print
      goes_on = /(\\|\||&&)$/
      next
    }
    { print >shown }' "$BATS_TEST_TMPDIR/block" >"$BATS_TEST_TMPDIR/code"
  [[ -s $BATS_TEST_TMPDIR/code ]] || fail "no such example in $1: $2"
}

# setting PAGE BEGINNING: it is the configuration
setting() {
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  blocks "$1" "$2" >"$XDG_CONFIG_HOME/vmm/config"
  [[ -s $XDG_CONFIG_HOME/vmm/config ]] || fail "no such example in $1: $2"
}

# ---- VMs -----------------------------------------------------------------------

# qguest, qup NAME...: a guest with a qcow2 disk, and one that is up
qguest() {
  GUEST_FORMAT=qcow2 guest "$@"
}

qup() {
  GUEST_FORMAT=qcow2 up "$@"
}

# leased NAME [FOLDER]: a VM of the test driver, from here on the host, that runs
# and has an address of its DHCP server
leased() {
  [[ ${TEST_DRIVER_HOLDER-} ]] || hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
  virsh -q create /dev/stdin <<END
<domain type='test'>
  <name>$1</name>
  $(vmm_metadata "${@:2}")
  <memory unit='MiB'>2</memory>
  <os><type>hvm</type></os>
  <devices><interface type='network'><source network='default'/></interface></devices>
</domain>
END
}

# uuid NAME
uuid() {
  virsh -q domuuid --domain "$1"
}

# reason NAME: its state and how it came to that
reason() {
  virsh -q domstate --reason --domain "$1"
}

# running: the paths of what runs, on a line
running() {
  vmm ls -R -s running | paste -sd ' '
}

# chosen TEXT: what a person would type into fzf
chosen() {
  type -P fzf >/dev/null || skip "fzf is not installed"
  export FZF_DEFAULT_OPTS=--filter=$1
}

need_jq() {
  type -P jq >/dev/null || skip "jq is not installed"
}

# ---- all of them -----------------------------------------------------------------

@test "examples: each of every page is run, or is in the list, once" {
  run -0 awk '
    NR == FNR { named[$0]; next }
    { n = 0
      for (begins in named)
        if (index($0 "$", begins) == 1) { n++; found[begins] }
      if (n != 1) print "run " n " times: " $0 }
    END { for (begins in named) if (!(begins in found)) print "gone: " begins
      if (FNR < 60) print "only " FNR " were found" }' \
    <(named_here) <(blocks)
  assert_output ""
}

@test "examples: where another file runs one there is such a file, with its page" {
  local page begins file
  while IFS='|' read -r page begins file; do
    grep -qE "^@test" "$VMM_SRCDIR/t/${file%%:*}" || fail "$page: $begins: $file"
  done < <(elsewhere)
}

@test "examples: vmm(1)" {
  guest web1 /lab web lab
  guest 'my web 2' /lab lab
  guest web3 /lab
  export LC_ALL=C
  example vmm.1 'vmm tree$'
  assert_match '^`-- lab/'
  assert_match ' /lab/$'
  chosen web1
  example vmm.1 'vmm ls /lab | fzf -m | xargs vmm start'
  assert_equal "$(running)" /lab/web1
  chosen my
  example vmm.1 'vmm ls /lab | fzf -m | xargs -rd'
  assert_equal "$(running)" '/lab/my web 2 /lab/web1'
  console_wait web1 '^2$'
  console_wait 'my web 2' '^2$'
  vmm start web3
  example vmm.1 'vmm stop -n'
  assert_output "shut-down /lab/my web 2
shut-down /lab/web1"
  assert_equal "$(running)" /lab/web3
  example vmm.1 'vmm -c test:///default info'
  assert_match '/test$'
}

@test "examples: vmm-askpass(1)" {
  example vmm-askpass.1 'export VMM_ASKPASS'
  echo "[ -x \"\$SSH_ASKPASS\" ]" >>"$BATS_TEST_TMPDIR/code"
  bash -e "$BATS_TEST_TMPDIR/code"
}

@test "examples: vmm-autostart(1)" {
  guest core /routers
  guest web1 /lab
  example vmm-autostart.1 'vmm autostart -r'
  assert_output "no	/lab/web1
yes	/routers/core"
}

@test "examples: vmm-clone(1)" {
  qguest debian12 /templates
  qguest win11 /templates
  SAYS="^vmm-clone: '/templates/debian12' .*writes to"
  example vmm-clone.1 'vmm clone --linked'
  assert_output "/lab/web1
/lab/web2
/lab/web3"
  assert_equal "$(running)" "/lab/web1 /lab/web2 /lab/web3"
  SAYS=
  example vmm-clone.1 'vmm clone win11'
  assert_output /templates/win11-backup
  example vmm-clone.1 'vmm tree --clones'
  assert_line '└── /lab/web3'
  assert_line /lab/web3
}

@test "examples: vmm-completion(1)" {
  guest web1 /lab
  up web2 /lab
  example vmm-completion.1 'vmm completion -- vmm start'
}

@test "examples: vmm-config(1)" {
  example vmm-config.1 'terminal=$(vmm config get'
  echo "echo \"\$terminal\"" >>"$BATS_TEST_TMPDIR/code"
  assert_equal "$(bash -e "$BATS_TEST_TMPDIR/code")" xterm
}

@test "examples: vmm-config(5)" {
  local config=$XDG_CONFIG_HOME/vmm/config
  setting vmm-config.5 '# a comment'
  assert_equal "$(vmm config get core.jobs)" 4
  setting vmm-config.5 'command = "viewer'
  sed -i '1i [viewer]' "$config"
  assert_equal "$(vmm config get viewer.command)" 'viewer --title "my VM" %i'
  sed -i 2d "$config"
  assert_equal "$(vmm config get viewer.command)" "viewer --title 'my VM' %i"
  setting vmm-config.5 '[core]'
  assert_equal "$(vmm config get core.uri)" qemu+ssh://root@hive/system
}

@test "examples: vmm-flatten(1)" {
  qguest debian12 /lab
  vmm clone -q --linked debian12 web3
  example vmm-flatten.1 'vmm flatten'
  assert_equal "$(vmm ls -o path,base,origin web3)" $'/kept/web3\t-\t-'
}

@test "examples: vmm-fsck(1)" {
  guest web1 /lab
  example vmm-fsck.1 'vmm fsck'
  assert_output ""
}

@test "examples: vmm-info(1)" {
  need_jq
  guest web1 /lab
  example vmm-info.1 "vmm info --json '/"
  assert_output "/lab/web1	hda	$SANDBOX_DISKS/web1.img"
  example vmm-info.1 'vmm info web1$'
  assert_line 'path: /lab/web1'
  leased web1 /lab
  example vmm-info.1 'vmm info --json web1'
  assert_output "$(vmm ip web1)"
}

@test "examples: vmm-ip(1)" {
  leased web1 /lab
  leased web2 /lab/test
  test_vm off /lab
  example vmm-ip.1 'ssh root@'
  assert_output "ssh root@$(vmm ip web1)"
  example vmm-ip.1 'vmm ip -1 '
  assert_output "$(vmm ip web2) web2
$(vmm ip web1) web1"
}

@test "examples: vmm-label(1)" {
  guest web1 /lab old
  guest web2 /lab
  guest gw / old
  example vmm-label.1 'vmm label -a web'
  assert_output "needs backup
web"
  run_vmm ls -R -o path,labels
  assert_output "/lab/web1	web,needs backup,production
/lab/web2	web,needs backup,production
/gw	-"
}

@test "examples: vmm-ls(1)" {
  need_jq
  up web1 /lab
  guest web2 /other old
  qguest gold
  example vmm-ls.1 'vmm ls -l'
  assert_match ' /lab/web1$'
  example vmm-ls.1 'vmm ls -R -s running'
  assert_output "/lab/web1
      1 running
      2 shutoff"
  example vmm-ls.1 'vmm ls --no-label'
  assert_output "running	/lab/web1"
  example vmm-ls.1 'vmm ls -R --sort=memory'
  assert_equal "${#lines[@]} ${lines[0]%$'\t'*}" "3 2097152"
  vmm clone -q --linked gold new
  example vmm-ls.1 'vmm ls --clones-of'
  assert_output "/new	$SANDBOX_DISKS/gold.qcow2"
  vmm snapshot new
  example vmm-ls.1 'vmm ls -R --json'
  assert_output "$(uuid new)"
}

@test "examples: vmm-metadata(7)" {
  guest web1 /other db
  example vmm-metadata.7 'virsh metadata web1'
  assert_match '<path>/other</path>'
  example vmm-metadata.7 'virsh -q metadata web1'
}

@test "examples: vmm-mv(1)" {
  guest web1
  guest web2 /old
  guest db1 /lab/old
  guest db2 /lab prod
  example vmm-mv.1 'vmm mv web1'
  run_vmm ls -R
  assert_output "/archive/old/db1
/lab/web/web1
/lab/web/web2
/prod/db2"
}

@test "examples: vmm-notify(1)" {
  qguest web1 /lab
  example vmm-notify.1 'vmm notify --progress'
  assert_equal "$(vmm ls web2)" /lab/web2
  assert_match 'Clone web1 /lab/web2$' "$(<"$BATS_TEST_TMPDIR/notified")"
}

@test "examples: vmm-pause(1)" {
  up web1 /lab/web
  guest web2 /lab
  example vmm-pause.1 'vmm pause -s'
  assert_equal "$(reason web1)" 'running (unpaused)'
  assert_equal "$(running)" /lab/web/web1
}

@test "examples: vmm-pick(1)" {
  guest web1 /lab
  guest web2 /lab
  program chooser 'tail -n 1'
  mkdir -p "$XDG_CONFIG_HOME/vmm"
  printf '[menu]\npicker = chooser\n' >"$XDG_CONFIG_HOME/vmm/config"
  example vmm-pick.1 'vm=$(vmm ls -o uuid,path /lab'
  assert_equal "$(running)" /lab/web2
}

@test "examples: vmm-reboot(1)" {
  need_agent_guest
  agent_guest web1 /lab
  vmm start --wait web1
  example vmm-reboot.1 'vmm reboot'
  wait_until 30 boots web1 2
}

@test "examples: vmm-rename(1)" {
  guest web1 /lab
  example vmm-rename.1 'vmm rename'
  assert_equal "$(vmm ls -R)" /lab/frontend
}

@test "examples: vmm-reset(1)" {
  up web1 /lab
  example vmm-reset.1 'vmm reboot'
  wait_until 10 boots web1 2
}

@test "examples: vmm-resume(1)" {
  up web1 /lab
  guest web2 /lab
  vmm pause web1
  example vmm-resume.1 'vmm resume'
  assert_equal "$(running)" /lab/web1
}

@test "examples: vmm-revert(1)" {
  qup web1 /lab/web
  vmm snapshot --name=clean web1
  vmm stop --now web1
  example vmm-revert.1 'vmm revert'
  assert_equal "$(running)" /lab/web/web1
}

@test "examples: vmm-rm(1)" {
  qguest web1 /lab
  SAYS="^vmm-rm: '/lab/[a-z0-9/]*' is removed; '.*' brings .* back"
  example vmm-rm.1 'vmm rm -n'
  [[ ! -e $SANDBOX_DISKS/web1.qcow2 ]]
  qguest web2 /lab/web
  up web3 /lab
  qguest gw
  example vmm-rm.1 'vmm rm -r'
  assert_equal "$(vmm ls -R)" /gw
  assert_equal "$(ls "$SANDBOX_DISKS")" gw.qcow2
}

@test "examples: vmm-save(1)" {
  up web1 /lab
  guest web2
  example vmm-save.1 'vmm save'
  assert_equal "$(reason web1)" 'running (restored)'
  assert_equal "$(running)" /lab/web1
}

@test "examples: vmm-screen(1)" {
  guest web1 /lab
  guest web2 /lab
  example vmm-screen.1 'vmm screen vm web1'
  assert_line Start
  chosen web2
  example vmm-screen.1 'vmm screen all'
  assert_equal "$(running)" /lab/web2
}

@test "examples: vmm-scripting(7)" {
  need_jq
  up web1 /lab web test
  guest web2 /lab test
  qguest 'db 1' / web
  chosen web2
  example vmm-scripting.7 'vmm ls -R -s shutoff'
  console_wait web2 '^2$'
  assert_equal "$(running)" "/lab/web1 /lab/web2"
  example vmm-scripting.7 'vmm ls -R -s running -o uuid >up'
  assert_equal "$(running)" "/lab/web1 /lab/web2"
  wait_until 10 boots web1 2
  example vmm-scripting.7 'vmm ls -R -s running -o memory'
  assert_output $((2 * 2097152))
  example vmm-scripting.7 'vmm ls -R -L web -L test'
  assert_output "/lab/web1
/lab/web1
/lab/web2
/db 1"
  example vmm-scripting.7 'vmm ls -R --json -o labels'
  assert_output "test
web"
  example vmm-scripting.7 '[ "$(vmm ls -s running web1)" ]'
  assert_output "yes
running"
  example vmm-scripting.7 "vmm info --json '/"
  assert_line "$SANDBOX_DISKS/web1.img	$(($(stat -c %b "$SANDBOX_DISKS/web1.img") * 512))"
  vmm snapshot --name=one 'db 1'
  example vmm-scripting.7 'vmm ls -R -o uuid,path | while'
  assert_output "/lab/web1:
/lab/web2:
/db 1:
one"
  console_wait web2 '^2$'
  example vmm-scripting.7 'vmm stop --timeout=90'
  assert_equal "$(running)" ""
}

@test "examples: vmm-scripting(7), an address" {
  leased web1 /lab
  example vmm-scripting.7 'ssh "$(vmm ip'
  assert_output "ssh $(vmm ip web1)"
}

@test "examples: vmm-selectors(7)" {
  guest web1 /lab web
  guest db1 /lab/db
  guest a /lab/x/test
  guest gw / keep
  virsh -q dumpxml gw | sed -e 's,<name>gw<,<name>gw2<,' \
    -e 's,<uuid>.*<,<uuid>4dea22b3-1d52-d8f3-2516-782e98ab3fa0<,' \
    >"$BATS_TEST_TMPDIR/xml"
  virsh -q undefine gw
  virsh -q define "$BATS_TEST_TMPDIR/xml"
  example vmm-selectors.7 'vmm start web1'
  assert_equal "$(running)" "/lab/web1 /gw2"
  example vmm-selectors.7 'vmm ls -R'
  assert_output "/lab/db/db1
/lab/x/test/a
/lab/web1
/gw2
/gw2
/lab/db/db1
/lab/x/test/a"
  vmm label -a keep db1
  vmm start db1
  console_wait web1 '^2$'
  example vmm-selectors.7 'vmm stop -r -s'
  assert_equal "$(running)" "/lab/db/db1 /gw2"
  echo /lab/x/test/a >"$BATS_TEST_TMPDIR/lab.txt"
  example vmm-selectors.7 'vmm start - <lab.txt'
  assert_equal "$(running)" "/lab/db/db1 /lab/x/test/a /gw2"
}

@test "examples: vmm-snapshot(1)" {
  qup web1 /lab
  example vmm-snapshot.1 'vmm snapshot --name=clean'
  assert_output "/lab/web1	clean"
  assert_goes_on web1
  vmm snapshot --name=later web1
  chosen later
  example vmm-snapshot.1 'vmm snapshot --delete'
  assert_equal "$(virsh -q snapshot-list --name web1)" clean
}

@test "examples: vmm-start(1)" {
  guest web1 /lab
  guest db1 /lab/db
  guest web2 /lab
  guest db2 /lab/db
  example vmm-start.1 'vmm start web1 /lab/db/db1'
  assert_equal "$(running)" "/lab/db/db1 /lab/web1"
  vmm save web1
  example vmm-start.1 'vmm start -s saved'
  assert_equal "$(running)" "/lab/db/db1 /lab/web1"
  assert_equal "$(reason web1)" 'running (restored)'
  example vmm-start.1 'vmm start -r'
  assert_equal "$(running)" "/lab/db/db1 /lab/db/db2 /lab/web1 /lab/web2"
}

@test "examples: vmm-stop(1)" {
  up web1 /lab web
  up web2 /lab
  example vmm-stop.1 'vmm stop -L web'
  assert_output ""
  assert_equal "$(running)" /lab/web2
  example vmm-stop.1 'vmm stop --timeout=120'
  assert_equal "$(reason web2)" 'shut off (shutdown)'
}

@test "examples: vmm-tree(1)" {
  export LC_ALL=C
  guest web1 /lab
  up web2 /lab
  guest db1 /lab/db
  guest gw
  example vmm-tree.1 'vmm tree$'
  example vmm-tree.1 'vmm tree -s'
  assert_output '/
`-- lab/
    `-- web2'
}

@test "examples: vmm-tree(1), clones" {
  export LC_ALL=C
  guest gold /base
  ORIGIN=$(uuid gold) guest web1 /lab
  ORIGIN=$(uuid gold) guest web2 /lab
  ORIGIN=$(uuid web1) guest web1-test /lab
  ORIGIN=4f2a7c52-3bd4-4a52-a1b5-0c7d2f0b6a11 guest old /lab
  example vmm-tree.1 'vmm tree --clones'
}

@test "examples: vmm-view(1)" {
  setting vmm-view.1 '[viewer]'
  assert_equal "$(vmm config get viewer.command)" \
    'virt-viewer %a --full-screen --reconnect -c %u --uuid %i'
}

@test "examples: vmm-wait(1)" {
  need_agent_guest
  agent_guest web1 /lab
  example vmm-wait.1 'vmm start web1'
  assert_output "ssh 10.0.2.15
sudo poweroff"
  assert_equal "$(reason web1)" 'shut off (shutdown)'
}

# is_followed PAGE BEGINNING: begins it, in the background, as $following
is_followed() {
  take "$@"
  setsid bash "$BATS_TEST_TMPDIR/code" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  following=$!
}

# was_notified: of a VM that was off soon after it was started
was_notified() {
  vmm start web1
  vmm stop --now web1
  [[ -s $BATS_TEST_TMPDIR/notified ]]
}

@test "examples: vmm-watch(1)" {
  guest web1 /lab
  is_followed vmm-watch.1 'vmm watch | while'
  wait_until 20 was_notified
  kill -- "-$following"
  assert_equal "$(sort -u "$BATS_TEST_TMPDIR/notified")" '/lab/web1 destroyed'
}

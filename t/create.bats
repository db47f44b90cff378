# vmm create: what virt-manager and virt-install define is filed.

load helpers

# shellcheck disable=SC2016 # the dollars are the programs'

setup() {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
  export SAID=$BATS_TEST_TMPDIR/said DISPLAY=:97
}

teardown() {
  local pid
  for pid in $(our_jobs); do
    kill "$pid" 2>/dev/null || :
  done
  drop_guests
}

# program NAME LINE...: a NAME that writes its arguments to $SAID, then does
# LINE...
program() {
  local name=$1
  shift
  printf '%s\n' '#!/bin/bash' 'printf "%s\n" "$@" >"$SAID"' \
    "$(declare -f defines)" "$@" >"$BATS_TEST_TMPDIR/bin/$name"
  chmod +x "$BATS_TEST_TMPDIR/bin/$name"
}

# defines NAME [METADATA]
defines() {
  virsh -q define /dev/stdin <<END
<domain type='qemu'><name>$1</name>${2-}<memory unit='MiB'>2</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>
END
}

# installs ARG...: options of a virt-install that makes a tiny VM
# shellcheck disable=SC2054 # commas of virt-install
installs=(--virt-type qemu --memory 2 --import --disk none --network none
  --graphics none --osinfo 'detect=off,require=off' --controller usb,model=none
  --memballoon none --machine pc)

@test "create: virt-install makes a VM, which is filed, and its path printed" {
  type -P virt-install >/dev/null || skip "virt-install is not installed"
  run_vmm create --folder=/lab --add-label=web --add-label=new -- \
    --name web1 "${installs[@]}"
  assert_output /lab/web1
  assert_match 'Domain creation completed' "$stderr"
  run_vmm ls -o path,labels,state web1
  assert_output $'/lab/web1\tweb,new\trunning'
  # and off
  vmm stop --now web1
  run_vmm ls -o path,labels web1
  assert_output $'/lab/web1\tweb,new'
}

@test "create: without folder and labels nothing is written into the VM" {
  type -P virt-install >/dev/null || skip "virt-install is not installed"
  run_vmm create -- --name web1 "${installs[@]}" --noreboot
  assert_output /web1
  refute_match 'calebstew' "$(virsh dumpxml --inactive web1)"
}

@test "create: virt-install's failure is its own line and its status" {
  type -P virt-install >/dev/null || skip "virt-install is not installed"
  run_vmm 1 create --folder=/lab -- --name a/b "${installs[@]}"
  assert_output ""
  assert_match '^ERROR' "$stderr"
  refute_match '^vmm-create' "$stderr"
  program virt-install 'exit 7'
  run_vmm 7 create -- --name x
  assert_stderr_is_empty
}

@test "create: virt-install is told the host, and opens no console by itself" {
  program virt-install
  run_vmm create -- --name 'a  b' --flag
  assert_equal "$(<"$SAID")" "--name
a  b
--flag
--connect
$LIBVIRT_DEFAULT_URI
--noautoconsole"
  run_vmm create -- --name x --autoconsole text
  assert_equal "$(tail -n 3 "$SAID")" "text
--connect
$LIBVIRT_DEFAULT_URI"
  run_vmm 2 create -- --connect test:///default
  assert_stderr_is_one_line "--connect is vmm's"
  run_vmm 2 create web1
  assert_stderr_is_one_line "'web1' is no option of virt-install"
}

@test "create: a program that is not installed is one line that names the package" {
  mkdir "$BATS_TEST_TMPDIR/empty"
  run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/empty" \
    "$VMM_EXEC_PATH/vmm-create"
  assert_stderr_is_one_line "^vmm-create: cannot run 'virt-manager': .*in the package 'virt-manager'$"
  run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/empty" \
    "$VMM_EXEC_PATH/vmm-create" -- --name x
  assert_stderr_is_one_line "cannot run 'virt-install': .*in the package 'virtinst'$"
  unset DISPLAY WAYLAND_DISPLAY
  run_vmm 1 create
  assert_stderr_is_one_line "no display for virt-manager"
}

@test "create: what virt-manager defines is filed at once, and all of it" {
  guest old
  program virt-manager 'defines web1' 'defines web2' 'virsh -q undefine web2' \
    'defines web3' 'read -r line <"$SAID.go"' 'defines web1' 'virsh -q define \
    <(virsh dumpxml old)'
  mkfifo "$SAID.go"
  (close_fds && exec vmm create --folder=/lab --add-label=web) \
    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
  local pid=$!
  wait_until 10 grep -qx /lab/web3 "$BATS_TEST_TMPDIR/out"
  [[ -d /proc/$pid ]]
  assert_equal "$(vmm ls -o path,labels web1)" $'/lab/web1\tweb'
  echo >"$SAID.go"
  assert_ends "$pid" 0
  assert_equal "$(grep -vx /lab/web2 "$BATS_TEST_TMPDIR/out")" "/lab/web1
/lab/web3"
  assert_equal "$(<"$SAID")" "--connect
$LIBVIRT_DEFAULT_URI
--no-fork
--show-domain-creator"
  run_vmm ls -R
  assert_output "/lab/web1
/lab/web3
/old"
}

@test "create: what has metadata of ours keeps it" {
  program virt-manager "defines web1 '$(vmm_metadata /mine own)'" \
    'defines web2 "<metadata><x:y xmlns:x=\"urn:x\"/></metadata>"'
  run_vmm create --folder=/lab
  assert_line /mine/web1
  assert_line /lab/web2
  assert_equal "$(vmm ls -o path,labels web1)" $'/mine/web1\town'
}

@test "create: definitions that come in pairs are filed all the same" {
  # as virt-install does: the second lacks what was filed meanwhile
  program virt-install 'defines web1' \
    'until [[ $(vmm ls -o folder web1) == /lab ]]; do sleep 0.05; done' \
    'virsh dumpxml web1 | sed "/<metadata>/,/<.metadata>/d" >"$SAID.xml"' \
    'virsh -q define "$SAID.xml"'
  run_vmm create --folder=/lab -- --name web1
  assert_output /lab/web1
  assert_equal "$(vmm ls -o path web1)" /lab/web1
}

@test "create: SIGTERM ends the program; what it made is filed" {
  program virt-install 'defines web1' 'echo $$ >"$SAID.pid"' 'exec sleep 60'
  (close_fds && exec vmm create --folder=/lab -- --name x) 2>/dev/null &
  local pid=$!
  wait_until 10 test -s "$SAID.pid"
  kill -TERM "$pid"
  assert_ends "$pid" 143
  [[ ! -d /proc/$(<"$SAID.pid") ]]
  assert_equal "$(vmm ls -o path web1)" /lab/web1
}

@test "create: a bad folder or label is status 2" {
  run_vmm 2 create --folder=/a/../b
  run_vmm 2 create --add-label=
}

@test "create: virt-manager's own wizard opens, also beside another one" {
  local program
  for program in virt-manager Xvfb xdotool dbus-run-session; do
    type -P "$program" >/dev/null || skip "$program is not installed"
  done
  unset WAYLAND_DISPLAY
  (close_fds && exec Xvfb -displayfd 1 -nolisten tcp -noreset) \
    >"$BATS_TEST_TMPDIR/x" 2>/dev/null &
  wait_until 10 test -s "$BATS_TEST_TMPDIR/x"
  DISPLAY=:$(<"$BATS_TEST_TMPDIR/x")
  export NO_AT_BRIDGE=1 GDK_BACKEND=x11 GSETTINGS_BACKEND=memory
  (close_fds && exec dbus-run-session bash -c '
    vmm create --folder=/lab >"$SAID.1" & echo $! >"$SAID.pids"
    vmm create --folder=/lab >"$SAID.2" & echo $! >>"$SAID.pids"
    wait') 2>/dev/null &
  local pid=$!
  wait_until 40 wizards_are 2
  defines web1
  wait_until 10 grep -qx /lab/web1 "$SAID.1" "$SAID.2"
  xargs kill <"$SAID.pids"
  assert_ends "$pid" 0
  wait_until 10 wizards_are 0
}

wizards_are() {
  local found
  found=$(xdotool search --name '^New VM$' | wc -l)
  ((found == $1))
}

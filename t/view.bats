# vmm view: a viewer for the screen of a VM.

load helpers

setup() {
  export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
  export SAID=$BATS_TEST_TMPDIR/said
  SHARED=lg-${SANDBOX##*/} # memory of the host's, not of the sandbox's
  mkdir -p "$XDG_CONFIG_HOME/vmm" "$BATS_TEST_TMPDIR/bin"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

teardown() {
  local pid
  for pid in $(our_jobs) $(viewers); do
    kill "$pid" 2>/dev/null || :
  done
  rm -rf "$XDG_CONFIG_HOME/vmm"
  drop_guests
  rm -f "/dev/shm/$SHARED"
}

# screen_guest NAME [FOLDER] [LABEL...]: a guest with a VNC display on a socket,
# or what SCREEN is. DEVICES: more of them.
screen_guest() {
  guest "$@"
  virsh dumpxml --inactive --domain "$1" |
    sed -e "/<video>/,/<.video>/s/type='none'/type='vga'/" \
      -e "s|<video>|${SCREEN-<graphics type='vnc'><listen type='socket'/></graphics>}${DEVICES-}<video>|" |
    virsh -q define /dev/stdin
}

# viewer LINE...: a viewer that writes its arguments to $SAID, then does LINE...
viewer() {
  # shellcheck disable=SC2016 # the dollars are the viewer's
  printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$@" >"$SAID.new"' \
    'mv "$SAID.new" "$SAID"' "$@" >"$BATS_TEST_TMPDIR/bin/virt-viewer"
  chmod +x "$BATS_TEST_TMPDIR/bin/virt-viewer"
}

# said: what the viewer was told; vmm view may be done before a viewer that has to
# wait for a processor
said() {
  wait_until 20 test -e "$SAID"
  cat "$SAID"
}

# dies ARG...: vmm view ARG... fails, for it notices a viewer that dies within a
# second, and on a busy machine that may take longer: then once more
dies() {
  for _ in {1..20}; do
    ! run_vmm 1 view "$@" || return 0
  done
  fail "no viewer died within a second"
}

command_is() {
  printf '[viewer]\ncommand = %s\n' "$1" >"$XDG_CONFIG_HOME/vmm/config"
}

# viewers: the numbers of those that run in this sandbox
viewers() {
  pids "virt-viewer .*--connect $LIBVIRT_DEFAULT_URI" || :
}

viewers_are() {
  (($(viewers | wc -l) == $1))
}

# stays: what a viewer does that lives on
stays='exec sleep 60'

@test "view: virt-viewer is told the host and the UUID, and lives on by itself" {
  local pid
  screen_guest 'web 1' /lab
  viewer 'exec sleep 61 # virt-viewer'
  virsh -q start 'web 1'
  run_vmm view -v 'web 1'
  assert_output '/lab/web 1'
  assert_stderr_is_empty
  assert_equal "$(said)" "--attach
--connect
$LIBVIRT_DEFAULT_URI
--uuid
$(vmm ls -o uuid 'web 1')"
  wait_until 20 pids 'sleep 61'
  pid=$(pids 'sleep 61')
  # a session of its own, without our terminal and descriptors
  assert_equal "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
  assert_equal "$(readlink "/proc/$pid/fd/0")" /dev/null
  assert_match "/vmm/viewer/.*[.]log$" "$(readlink "/proc/$pid/fd/2")"
  assert_match '^SigBlk:.*0000000000000000' "$(<"/proc/$pid/status")"
  kill "$pid"
}

@test "view: a log that cannot be written is an error, and no viewer starts" {
  screen_guest web1
  virsh -q start web1
  viewer 'echo started'
  touch "$BATS_TEST_TMPDIR/file"
  XDG_STATE_HOME=$BATS_TEST_TMPDIR/file run_vmm 1 view web1
  assert_stderr_is_one_line "cannot view '.*web1': .*cannot write '.*/file/vmm/viewer/.*[.]log': Not a directory"
  [[ ! -e $SAID ]]
}

@test "view: a VM without graphics is refused, and the ways out named" {
  up web1
  viewer "$stays"
  VMM_TIMEOUT=5 run_vmm 1 view web1
  assert_stderr_is_one_line "^vmm-view: cannot view '/web1': it has no graphics; 'vmm console' .*'vmm edit'"
  [[ ! -e $SAID ]]
}

@test "view: a VM that is off is refused; --start starts it" {
  screen_guest web1
  viewer
  run_vmm 1 view web1
  assert_stderr_is_one_line "it is off; --start starts it"
  run_vmm view --start web1
  vm_is web1 running
  said
}

@test "view: --start does not start what cannot be viewed" {
  guest web1
  run_vmm 1 view --start web1
  assert_stderr_is_one_line "it has no graphics"
  vm_is web1 'shut off'
}

@test "view: a viewer that dies at once is an error with its last line" {
  screen_guest web1
  viewer 'echo first >&2' 'printf "cannot open display\n\n" >&2' 'exit 3'
  dies --start web1
  assert_stderr_is_one_line "^vmm-view: cannot view '/web1': 'virt-viewer' ended with status 3: cannot open display$"
  # shellcheck disable=SC2016 # the dollars are the viewer's
  viewer 'kill -9 $$'
  dies web1
  assert_stderr_is_one_line "'virt-viewer' died of signal 9"
  viewer 'exit 0' # one that goes on elsewhere
  run_vmm view web1
}

@test "view: a viewer that is not installed is one line that names the package" {
  screen_guest web1
  mkdir "$BATS_TEST_TMPDIR/empty"
  run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/empty" \
    "$VMM_EXEC_PATH/vmm-view" --start web1
  assert_stderr_is_one_line "cannot run 'virt-viewer': there is no such program; it is in the package 'virt-viewer'; viewer.command in vmm-config\(5\)"
}

@test "view: viewer.command is split into words, which stay words" {
  local uuid name=$'-x $(id) \'"&'
  SCREEN="<graphics type='vnc' port='5999' listen='0.0.0.0'/>" \
    DEVICES="<shmem name='$SHARED'><model type='ivshmem-plain'/><size unit='M'>1</size></shmem>" \
    screen_guest web1
  uuid=$(vmm ls -o uuid web1)
  viewer
  vmm rename web1 -- "$name"
  command_is "virt-viewer '%n' \"a  b\" id=%i %a app:shmFile=%m spice:host=%h spice:port=%p %d 100%%"
  sed -i 's/"/\\"/g; s/= \(.*\)/= "\1"/' "$XDG_CONFIG_HOME/vmm/config"
  run_vmm view --start "$uuid"
  assert_equal "$(said)" "$name
a  b
id=$uuid
--attach
app:shmFile=/dev/shm/$SHARED
spice:host=localhost
spice:port=5999
vnc://localhost:5999
100%"
}

@test "view: a socket is a host with port 0" {
  local socket
  screen_guest web1
  viewer
  command_is 'virt-viewer %h %p %d'
  run_vmm view --start web1
  socket=$(said | sed -n 1p)
  [[ -S $socket ]]
  assert_equal "$(said)" "$socket
0
vnc+unix://$socket"
}

@test "view: what the command asks for and the VM does not have is an error" {
  SCREEN="<graphics type='vnc'><listen type='none'/></graphics>" \
    screen_guest web1
  viewer
  virsh -q start web1
  command_is 'virt-viewer %m'
  run_vmm 1 view web1
  assert_stderr_is_one_line "shares no memory with its host, which viewer.command"
  command_is 'virt-viewer %h'
  run_vmm 1 view web1
  assert_stderr_is_one_line "no SPICE or VNC display that listens, which viewer.command"
  command_is 'virt-viewer %x'
  run_vmm 2 view web1
  assert_stderr_is_one_line "viewer.command: '%x' stands for nothing; vmm-view\(1\)"
  command_is "virt-viewer 'x"
  run_vmm 2 view web1
  assert_stderr_is_one_line "viewer.command: a quote that does not end"
  [[ ! -e $SAID ]]
}

@test "view: Looking Glass needs no graphics" {
  SCREEN='' DEVICES="<shmem name='$SHARED'><model type='ivshmem-plain'/><size unit='M'>1</size></shmem>" \
    screen_guest web1
  viewer
  command_is 'virt-viewer %m'
  run_vmm view --start web1
  assert_equal "$(said)" /dev/shm/$SHARED
}

@test "view: --wait stays until all viewers are closed, and says how they ended" {
  screen_guest web1
  screen_guest web2
  virsh -q 'start web1; start web2'
  # shellcheck disable=SC2016 # the dollars are the viewer's
  viewer 'echo $$ >"$SAID.$5"' 'read line <"$SAID.go"' 'echo "on the terminal" >&2' \
    '[ "$line" = well ]'
  mkfifo "$SAID.go"
  (close_fds && exec vmm view --wait web1 web2) 2>"$BATS_TEST_TMPDIR/err" &
  local pid=$! uuid
  for uuid in $(vmm ls -o uuid web1 web2); do
    wait_until 10 test -s "$SAID.$uuid"
  done
  [[ -d /proc/$pid ]]
  exec 5<>"$SAID.go"
  printf 'well\nill\n' >&5
  assert_ends "$pid" 1
  exec 5>&-
  assert_match "'virt-viewer' ended with status 1$" "$(<"$BATS_TEST_TMPDIR/err")"
  assert_equal "$(grep -c 'on the terminal' "$BATS_TEST_TMPDIR/err")" 2
}

@test "view: --wait hands SIGTERM on to the viewer" {
  screen_guest web1
  # shellcheck disable=SC2016 # the dollars are the viewer's
  viewer 'echo $$ >"$SAID.pid"' 'exec sleep 60'
  (close_fds && exec vmm view --start --wait web1) 2>/dev/null &
  local pid=$!
  wait_until 10 test -s "$SAID.pid"
  kill -TERM "$pid"
  assert_ends "$pid" 143
  [[ ! -d /proc/$(<"$SAID.pid") ]]
}

@test "view: virt-viewer itself shows several screens, and outlives the terminal" {
  type -P Xvfb >/dev/null || skip "Xvfb is not installed"
  type -P virt-viewer >/dev/null || skip "virt-viewer is not installed"
  screen_guest web1
  screen_guest web2
  start_x
  run_vmm view --start web1 web2
  assert_stderr_is_empty
  wait_until 20 is_watched web1
  wait_until 20 is_watched web2
  viewers_are 2
}

@test "view: virt-viewer without a display is an error of one line" {
  type -P virt-viewer >/dev/null || skip "virt-viewer is not installed"
  screen_guest web1
  unset WAYLAND_DISPLAY
  DISPLAY=:97 dies --start web1
  assert_stderr_is_one_line "'virt-viewer' ended with status 1: .*annot open display"
}

# start_x: an X server for this test; sets DISPLAY
start_x() {
  unset WAYLAND_DISPLAY
  (close_fds && exec Xvfb -displayfd 1 -nolisten tcp -noreset) \
    >"$BATS_TEST_TMPDIR/x" 2>/dev/null &
  wait_until 10 test -s "$BATS_TEST_TMPDIR/x"
  DISPLAY=:$(<"$BATS_TEST_TMPDIR/x")
  export DISPLAY NO_AT_BRIDGE=1 GDK_BACKEND=x11 \
    GSETTINGS_BACKEND=memory
}

# is_watched NAME: a client draws its VNC display
is_watched() {
  virsh qemu-monitor-command --hmp --domain "$1" 'info vnc' |
    grep -q '^ *Client:'
}

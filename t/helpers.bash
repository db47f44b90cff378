# shellcheck shell=bash
# What the test files share: `load helpers` stands at the top of each.
#
# A file runs inside a sandbox (t/run): `virsh` and `vmm` find the private
# libvirtd by LIBVIRT_DEFAULT_URI, real guests run there, and the test driver
# behind $SANDBOX_TEST_URI is for breadth. Nothing has to be cleaned up after
# the last test of a file.
#
# shellcheck disable=SC2154 # output, lines, stderr, stderr_lines are bats's

bats_require_minimum_version 1.5.0

if [[ ! ${SANDBOX-} ]]; then
  echo "a test file needs a sandbox: t/run $BATS_TEST_FILENAME" >&2
  exit 1
fi

# bats notes before each command where it is, which costs as much as a small
# fork: half of a test's time. It is enough to look when a command has failed.
# Of a hang that leaves the function's line, and the command.
if [[ ${BATS_TRACE_LEVEL:-0} == 0 ]] && declare -F bats_error_trap \
  bats_capture_stack_trace bats_check_status_from_trap >/dev/null
then
  set +T
  bats_error_trap() {
    bats_check_status_from_trap
    bats_capture_stack_trace
    # shellcheck disable=SC2034 # bats's
    BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
  }
  bats_timeout_trap() {
    echo "it hangs in: $BASH_COMMAND"
    bats_capture_stack_trace
    # shellcheck disable=SC2034 # bats's
    BATS_TIMED_OUT=1 BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
    exit 1
  }
fi

VMM_SRCDIR=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
VMM_BUILDDIR=${VMM_BUILDDIR:-$VMM_SRCDIR}
export VMM_EXEC_PATH=$VMM_BUILDDIR/cmd
export PATH=$VMM_EXEC_PATH:$PATH
# The same for all, whatever the caller's are.
export LC_ALL=C.UTF-8 TERM=xterm-256color SHELL=/bin/bash
unset NO_COLOR VMM_DEBUG

# ---- running virsh ----------------------------------------------------------

# virsh ARG...: as ever, but most are answered by one that is there already
# (t/virsh.c), in a third of the time. What it prints comes when it is done; so
# what talks meanwhile, asks or has no command is the real one's, and what else
# is asked at the same time. A job in the background that is to be killed is
# `command virsh`.
virsh() {
  local dir=$SANDBOX/virsh turn='' ask answer id='' out='' err='' said=('') status
  case "$* " in
    -q\ -c\ ?*\ [a-z]* | -c\ ?*\ [a-z]* | -q\ [a-z]* | [a-z]*)
      case " $* " in
        *' console '* | *' edit '* | *-edit\ * | *event\ * | *' --loop '*) ;;
        *' --console '* | *' cd '* | *' connect '* | *' --help '*) ;;
        *)
          if [[ -p $dir/turn ]] || serve_virsh "$dir"; then
            exec {turn}<>"$dir/turn"
            read -rN 1 -t 0.01 -u "$turn" id || :
          fi
          ;;
      esac
      ;;
  esac
  if [[ ! $id ]]; then
    [[ ! $turn ]] || exec {turn}<&-
    command virsh "$@"
    return
  fi
  id=$BASHPID.$RANDOM
  printf '%s\0' "$BASHPID" "$PWD" \
    "${LIBVIRT_DEFAULT_URI+LIBVIRT_DEFAULT_URI=$LIBVIRT_DEFAULT_URI}" \
    "${HOME+HOME=$HOME}" "${XDG_CONFIG_HOME+XDG_CONFIG_HOME=$XDG_CONFIG_HOME}" \
    "${XDG_CACHE_HOME+XDG_CACHE_HOME=$XDG_CACHE_HOME}" \
    "${XDG_RUNTIME_DIR+XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR}" "$@" >"$dir/request"
  exec {ask}<>"$dir/ask" {answer}<>"$dir/answer"
  echo "$id" >&"$ask"
  # that of somebody who was killed while he waited is not ours
  while [[ ${said[0]} != "$id" ]]; do
    read -ra said -t 300 -u "$answer" || fail "virsh $*: no answer" || break
  done
  if [[ ${said[0]} == "$id" ]]; then
    status=${said[1]}
    ((said[2] == 0)) || IFS= read -rd '' out <"$dir/out" || :
    ((said[3] == 0)) || IFS= read -rd '' err <"$dir/err" || :
    echo -n . >&"$turn"
  else
    status=124
  fi
  exec {turn}<&- {ask}<&- {answer}<&-
  [[ ! $err ]] || printf %s "$err" >&2
  [[ ! $out ]] || printf %s "$out"
  return "$status"
}

# serve_virsh DIR: starts it, once for a sandbox. Fails where that cannot be.
serve_virsh() {
  local library=$VMM_BUILDDIR/t/virsh.so
  [[ $library -nt $VMM_SRCDIR/t/virsh.c ]] || {
    [[ -w ${library%/*} ]] || library=$SANDBOX/virsh.so
    "${CC:-cc}" -shared -fPIC -O2 -o "$library.$$" "$VMM_SRCDIR/t/virsh.c" &&
      mv "$library.$$" "$library"
  } 2>/dev/null || return
  LD_PRELOAD=$library LD_BIND_NOW=1 command virsh "$1" 2>/dev/null
}

# ---- running vmm ------------------------------------------------------------

# run_vmm [STATUS] ARG...: runs `vmm ARG...`, which must exit with STATUS (0)
# within $VMM_TIMEOUT (60) seconds; sets $output, $stderr, $status and the
# arrays $lines, $stderr_lines. Not in a pipe: feed it by `run_vmm ... < <(...)`.
# Not by bats's run, which forks eight times.
run_vmm() {
  local expected=0
  if [[ $1 =~ ^[0-9]+$ ]]; then
    expected=$1
    shift
  fi
  printf '$ vmm'
  printf ' %q' "$@"
  echo
  status=0
  timeout --foreground -k 5 "${VMM_TIMEOUT:-60}" vmm "$@" \
    >"$BATS_TEST_TMPDIR/vmm.out" 2>"$BATS_TEST_TMPDIR/vmm.err" || status=$?
  read_back output lines "$BATS_TEST_TMPDIR/vmm.out"
  read_back stderr stderr_lines "$BATS_TEST_TMPDIR/vmm.err"
  printf '%s' "${output:+$output$'\n'}"
  printf '%s' "${stderr:+standard error: $stderr$'\n'}"
  ((status == expected)) || fail "exit status: $status, expected: $expected"
}

# read_back TEXT LINES FILE: into the variable TEXT without the last newlines
# and NUL bytes, as $(...) does, and its lines but the empty ones into the array
# LINES, as bats has them.
read_back() {
  # shellcheck disable=SC2178 # two names for what the caller has
  local -n text=$1 array=$2
  local all
  mapfile -d '' -t all <"$3"
  printf -v text '%s' ${all[@]+"${all[@]}"}
  while [[ $text == *$'\n' ]]; do
    text=${text%$'\n'}
  done
  # shellcheck disable=SC2034 # it is the caller's
  case $text in
    '') array=() ;;
    $'\n'* | *$'\n\n'*)
      mapfile -t array < <(LC_ALL=C grep -a . <<<"$text")
      ;;
    *) mapfile -t array <<<"$text" ;;
  esac
}

# assert_ends PID STATUS: our process in the background ends with it.
assert_ends() {
  local ended=0
  wait_until 60 is_gone "$1"
  wait "$1" || ended=$?
  assert_equal "$ended" "$2"
}

is_gone() {
  [[ ! -e /proc/$1 ]]
}

# waits_for_lock PID: it has a lock of vmm's, or wants one. Before it is vmm it
# may have those of the test, and not hear an interrupt.
waits_for_lock() {
  [[ $(<"/proc/$1/comm") == vmm* && $(readlink "/proc/$1/fd"/*) == *"/lock-"* ]]
}

# sleeps PID: our program waits for an event: it listens and has looked. The event loop's thread is in poll(2),
# number 7 here, only since somebody listens, and whoever talks to the daemon is
# in poll(2) as well; one waits for signals (rt_sigtimedwait(2), 128), and all
# others for a thread: in futex(2), 202.
sleeps() {
  local task name number
  for task in "/proc/$1/task"/*; do
    { read -r name <"$task/comm" && read -r number _ <"$task/syscall"; } 2>/dev/null ||
      return 1
    case $name:$number in
      vmm-events:7) ;;
      vmm-events:* | *:7) return 1 ;;
      *:202 | *:128) ;;
      *) return 1 ;;
    esac
  done
  cat "/proc/$1/task"/*/comm | grep -qx vmm-events
}

# make_words VARIABLE: what Makefile.am has in it
make_words() {
  sed -e :a -e '/\\$/N; s/\\\n//; ta' "$VMM_SRCDIR/Makefile.am" |
    sed -n "s/^$1 = *//p"
}

# ---- assertions -------------------------------------------------------------

# fail LINE...: says why, and fails the test.
fail() {
  printf '%s\n' "$@" >&2
  return 1
}

# assert_equal ACTUAL EXPECTED
assert_equal() {
  [[ $1 == "$2" ]] || fail "expected: $2" "got:      $1"
}

# assert_output EXPECTED: all of standard output, without its last newline.
assert_output() {
  assert_equal "$output" "$1"
}

# assert_line LINE: standard output has exactly this line.
assert_line() {
  [[ $'\n'$output$'\n' == *$'\n'"$1"$'\n'* ]] ||
    fail "no such line: $1" "in: $output"
}

# refute_line LINE: standard output has no such line.
refute_line() {
  [[ $'\n'$output$'\n' != *$'\n'"$1"$'\n'* ]] ||
    fail "unwanted line: $1" "in: $output"
}

# assert_match ERE [TEXT]: a line of TEXT (standard output) matches.
assert_match() {
  a_line_matches "$1" "${2-$output}" ||
    fail "nothing matches: $1" "in: ${2-$output}"
}

# refute_match ERE [TEXT]: no line of TEXT (standard output) matches.
refute_match() {
  ! a_line_matches "$1" "${2-$output}" ||
    fail "matches, and should not: $1" "in: ${2-$output}"
}

# a_line_matches ERE TEXT: as grep -E has it, and by grep, which is a fork, where
# bash would not say the same: of several expressions, or what it cannot read.
a_line_matches() {
  local line lines known=0
  # shellcheck disable=SC2319 # 2: it is none for bash
  [[ '' =~ $1 ]] || known=$?
  if ((known > 1 || ${#2} > 20000)) || [[ $1 == *$'\n'* ]]; then
    grep -qE -e "$1" <<<"$2"
    return
  fi
  mapfile -t lines <<<"$2"
  for line in "${lines[@]}"; do
    [[ ! $line =~ $1 ]] || return 0
  done
  return 1
}

# assert_stderr_is_one_line [ERE]: and it matches.
assert_stderr_is_one_line() {
  ((${#stderr_lines[@]} == 1)) || fail "not one line of error: $stderr"
  assert_match "${1-}" "$stderr"
}

# assert_stderr_is_empty
assert_stderr_is_empty() {
  [[ ! $stderr ]] || fail "unexpected on standard error: $stderr"
}

# wait_until SECONDS COMMAND...: polls until COMMAND succeeds, on a busy machine
# for four times as long. What takes long is looked at less often. NAP: seconds
# between two looks.
wait_until() {
  local end=$((${EPOCHREALTIME/[.,]/} + $1 * 4000000)) naps=(0.{02,03,05,08,12,2})
  [[ ! ${NAP-} ]] || naps=("$NAP")
  shift
  until "$@"; do
    ((${EPOCHREALTIME/[.,]/} < end)) || fail "waited in vain for: $*" || return
    nap "${naps[0]}"
    ((${#naps[@]} == 1)) || naps=("${naps[@]:1}")
  done
}

# nap SECONDS: sleeps without a fork, which costs a test some 6 ms
nap() {
  local fd fifo=$SANDBOX/nap
  [[ -p $fifo ]] || mkfifo "$fifo" 2>/dev/null || [[ -p $fifo ]]
  exec {fd}<>"$fifo"
  read -rt "$1" -u "$fd" || :
  exec {fd}<&-
}

# ---- the daemon -------------------------------------------------------------

# daemon start|stop|kill|pause|resume|pid: acts on the sandbox's libvirtd.
daemon() {
  "$VMM_SRCDIR/scripts/sandbox" --daemon "$1"
}

# over_tcp: for setup_file; the daemon is reached over TCP from here on. PROXY:
# the process in between, to be killed by teardown_file.
over_tcp() {
  local port=$BATS_FILE_TMPDIR/port
  (close_fds &&
    exec "$VMM_SRCDIR/t/proxy" "$SANDBOX/run/libvirt/libvirt-sock" "$port") &
  export PROXY=$!
  wait_until 10 test -s "$port"
  LIBVIRT_DEFAULT_URI=qemu+tcp://127.0.0.1:$(<"$port")/$SANDBOX_MODE
  export LIBVIRT_DEFAULT_URI
}

# deaf_daemon: sets $deaf to a URI of the daemon by which no event comes.
# PROXY as above.
deaf_daemon() {
  local port=$BATS_TEST_TMPDIR/deaf
  (close_fds && exec "$VMM_SRCDIR/t/proxy" \
    "$SANDBOX/run/libvirt/libvirt-sock" "$port" 0 deaf) &
  PROXY=$!
  wait_until 10 test -s "$port"
  # shellcheck disable=SC2034 # for the test
  deaf=qemu+tcp://127.0.0.1:$(<"$port")/$SANDBOX_MODE
}

# struck WHAT COMMAND...: `t/faulty WHAT COMMAND...`, whatever becomes of it. Sets
# $ended, its status, and $changes, how many of its calls changed something;
# $BATS_TEST_TMPDIR/out and err have what it said.
struck() {
  ended=0
  "$VMM_SRCDIR/t/faulty" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- ||
    ended=$?
  read -r _ changes _ <"$SANDBOX/faulty.calls"
  echo "$*: status $ended, $changes changes: $(<"$BATS_TEST_TMPDIR/err")"
}

# daemon_struck daemon:WHEN:cN COMMAND...: the same, and another daemon is there
# afterwards. COMMAND was done before, or one line says that the connection was
# lost.
daemon_struck() {
  struck "$@"
  ((changes >= ${1##*c})) || return 0 # it was not struck
  revive_daemon
  ((ended == 3)) || [[ $ended == 0 && $1 != *:before:* ]] ||
    # a flatten is done then, but for the file that nobody needs any more
    [[ $ended == 0 && $(<"$BATS_TEST_TMPDIR/err") == *' but cannot be deleted: the connection was lost'* ]] ||
    fail "status $ended"
  # and what it says of what it had done before
  ((ended == 0 || $(grep -cv -e ' now writes its disk ' -e ': warning: ' \
    "$BATS_TEST_TMPDIR/err") == 1)) || fail "not one line"
}

# at_every_change WHATS FUNCTION...: `FUNCTION... WHAT:cN` for each word of WHATS
# and as long as there is an Nth call that changes something. FUNCTION lets
# something be struck there, which sets $changes.
at_every_change() {
  local n what
  for ((n = 1; ; n++)); do
    for what in $1; do
      "${@:2}" "$what:c$n"
      ((changes >= n)) || break 2
    done
  done
  # the last was not struck, and no failure was what made it end sooner
  ((n > 1 && ended == 0)) || fail "status $ended after $changes changes"
}

# revive_daemon: another one, after one that was killed
revive_daemon() {
  # what it had begun ends without it
  wait_until 60 eval '! pids "^[^ ]*qemu-img (create|convert) " >/dev/null'
  drop_half_starts
  daemon start
}

# drop_half_starts: libvirt 9.0 notes a start before QEMU has a process id, and
# passes over such a note when it comes back: the VM would be paused in a start
# that nobody ends ("cannot acquire state change lock"), until the next boot,
# which is what this takes the place of.
drop_half_starts() {
  local note
  while IFS= read -r note; do
    rm "$note"
  done < <(grep -rlE --include='*.xml' "^<domstatus .* pid='0'" "$SANDBOX/run/libvirt")
}

# seconds COMMAND...: how long it takes
seconds() {
  local start=${EPOCHREALTIME/[.,]/} end
  "$@" >/dev/null
  end=${EPOCHREALTIME/[.,]/}
  awk -v us=$((end - start)) 'BEGIN { print us / 1000000 }'
}

# close_fds: for a subshell in the background: bats waits until its descriptors
# above 2 are closed. `(close_fds && exec COMMAND) &`
close_fds() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    ((fd <= 2)) || exec {fd}>&-
  done
}

# pids ERE: our processes whose command line matches, also libvirtd's, which are
# known by their environment or, where libvirtd cleared that, by their parent's.
# An ordinary user's sandbox sees those of the others, too. Fails if none.
pids() {
  local pid parent status found=1
  for pid in $(pgrep -f -- "$1"); do
    { mapfile -t status <"/proc/$pid/status"; } 2>/dev/null || continue
    parent=${status[*]}
    parent=${parent##* PPid:$'\t'}
    grep -qzsxF -e "TMPDIR=$TMPDIR" "/proc/$pid/environ" \
      "/proc/${parent%% *}/environ" || continue
    echo "$pid"
    found=0
  done
  return "$found"
}

# signal NAME ERE: sends it to them. Fails if there is none.
signal() {
  local found
  found=$(pids "$2") || return
  # shellcheck disable=SC2086 # numbers
  kill -s "$1" $found
}

# catches NAME ERE: the same, as soon as there is one: it may be gone soon. So it
# is one process that looks, all the time: a pgrep for each look would miss what
# lasts a tenth of a second, on a busy machine. It looks at the daemon's children,
# and now and then at all processes, which takes a hundred times as long.
catches() {
  # shellcheck disable=SC2016 # the dollars are perl's
  perl -e '
    my ($signal, $ere, $tmpdir, $daemon) = @ARGV;
    my $ours = "TMPDIR=$tmpdir";
    sub text { local (@ARGV, $/) = @_; no warnings; -r $_[0] ? <> // "" : "" }
    sub is_it {
      (my $line = text("/proc/$_[0]/cmdline")) =~ tr/\0/ /;
      return $line =~ $ere && $_[0] != $$;
    }
    sub is_ours {
      my ($parent) = text("/proc/$_[0]/status") =~ /^PPid:\t(\d+)/m or return;
      return grep { text("/proc/$_/environ") =~ /(^|\0)\Q$ours\E(\0|$)/ } $_[0], $parent;
    }
    my $end = time + 40;
    for (my $looks = 0; time < $end; $looks++) {
      my @found = grep { is_it($_) }
          map { split " ", text($_) } glob "/proc/$daemon/task/*/children";
      @found = grep { is_it($_) && is_ours($_) } map { m,(\d+)$, } glob "/proc/[0-9]*"
          if !@found && $looks % 50 == 0;
      exit 0 if @found && kill $signal, @found;
    }
    exit 1' "$1" "$2" "$TMPDIR" "$(<"$SANDBOX/libvirtd.pid")" || fail "waited in vain for: $2"
}

# our_jobs: what the test has in the background, without bats's clock for the
# test: killed by another, that leaves a sleep behind, for which bats waits.
our_jobs() {
  jobs -p | grep -vxF -e "${BATS_killer_pid:-none}" || :
}

# ---- domain XML -------------------------------------------------------------

# xml_escape TEXT: also for attributes, where a bare tab would become a blank.
xml_escape() {
  local escaped
  escape_xml escaped "$1"
  echo "$escaped"
}

# escape_xml VARIABLE TEXT: the same, into the variable, without a fork
escape_xml() {
  local t=${2//&/"&amp;"}
  t=${t//</"&lt;"}
  t=${t//>/"&gt;"}
  t=${t//\"/"&quot;"}
  t=${t//\'/"&apos;"}
  printf -v "$1" %s "${t//$'\t'/"&#9;"}"
}

# vmm_metadata [FOLDER] [LABEL...]: the element <metadata>, or nothing. ORIGIN:
# its origin.
vmm_metadata() {
  (($#)) || return 0
  local escaped
  echo '<metadata><vmm:vmm xmlns:vmm="http://calebstew.art/xmlns/vmm">'
  escape_xml escaped "$1"
  [[ ! $1 ]] || echo "<vmm:path>$escaped</vmm:path>"
  shift
  local label
  for label; do
    escape_xml escaped "$label"
    echo "<vmm:label>$escaped</vmm:label>"
  done
  escape_xml escaped "${ORIGIN-}"
  [[ ! $escaped ]] || echo "<vmm:origin>$escaped</vmm:origin>"
  echo '</vmm:vmm></metadata>'
}

# ---- the test driver --------------------------------------------------------

# hold_test_driver: for setup_file. The driver forgets all with its last
# connection, so this holds one open; it removes the driver's own VM 'test'.
hold_test_driver() {
  local fifo=$BATS_FILE_TMPDIR/hold answer
  mkfifo "$fifo" "$fifo.out"
  # Opened for reading and writing its input never ends, and virsh neither; nor
  # does its output break when we are done with it.
  (close_fds && exec virsh -q -c "$SANDBOX_TEST_URI") \
    <>"$fifo" 1<>"$fifo.out" 2>&1 &
  export TEST_DRIVER_HOLDER=$!
  printf '%s\n' 'destroy test' 'undefine test' 'echo held' >"$fifo"
  while read -r answer; do
    [[ $answer != *held ]] || return 0
  done <"$fifo.out"
  fail "the test driver does not answer"
}

# release_test_driver: the driver forgets what it holds.
release_test_driver() {
  kill "$TEST_DRIVER_HOLDER"
  wait_until 10 test ! -d "/proc/$TEST_DRIVER_HOLDER"
  rm -f "$BATS_FILE_TMPDIR"/hold*
}

# test_vm NAME [FOLDER] [LABEL...]: defines a VM of the test driver. VM_UUID: its
# UUID.
test_vm() {
  local name
  escape_xml name "$1"
  shift
  virsh -q -c "$SANDBOX_TEST_URI" define /dev/stdin <<END
<domain type='test'>
  <name>$name</name>
  ${VM_UUID:+<uuid>$VM_UUID</uuid>}
  $(vmm_metadata "$@")
  <memory unit='MiB'>2</memory>
  <os><type>hvm</type></os>
</domain>
END
}

# test_vms PREFIX COUNT FOLDERS: PREFIX1, PREFIX2, ... in turn in the folders
# /PREFIX/1 to /PREFIX/FOLDERS, each with the label 'odd' or 'even'. ORIGIN: the
# origin of all.
test_vms() {
  local dir
  dir=$(mktemp -d)
  # One awk and one virsh: bats traces every command, a loop here would take
  # longer than libvirt does.
  awk -v prefix="$1" -v count="$2" -v folders="$3" -v dir="$dir" -v q="'" \
    -v origin="${ORIGIN:+<vmm:origin>$ORIGIN</vmm:origin>}" '
    BEGIN {
      for (i = 1; i <= count; i++) {
        file = dir "/" i
        print "<domain type=" q "test" q "><name>" prefix i "</name>" \
          "<metadata><vmm:vmm xmlns:vmm=" \
          q "http://calebstew.art/xmlns/vmm" q "><vmm:path>/" prefix "/" \
          (i - 1) % folders + 1 "</vmm:path><vmm:label>" \
          (i % 2 ? "odd" : "even") "</vmm:label>" origin "</vmm:vmm></metadata>" \
          "<memory>2048</memory><os><type>hvm</type></os></domain>" >file
        close(file)
        print "define " file
      }
    }' | virsh -q -c "$SANDBOX_TEST_URI" >/dev/null
  rm -r "$dir"
}

# ---- real guests ------------------------------------------------------------

# guest NAME [FOLDER] [LABEL...]: defines, and does not start, a QEMU VM of the
# tiny guest (guest/boot.S) with a disk of its own in the pool 'default' and its
# serial port in $SANDBOX/NAME.console. GUEST_FORMAT=qcow2: the disk's format,
# else raw. GUEST_DEAF=1: it ignores the power button, GUEST_DEAF=once: the first
# time. GUEST_MEMORY: MiB, 2. GUEST_FIRMWARE: elements that say which, see
# uefi_guest.
guest() {
  local format=${GUEST_FORMAT:-raw} deaf=${GUEST_DEAF:+--deaf}
  [[ ${GUEST_DEAF-} != once ]] || deaf=--deaf-once
  local image=$SANDBOX/guest$deaf
  local disk=$SANDBOX_DISKS/$1.${format/raw/img} name console source
  escape_xml name "$1"
  escape_xml console "$SANDBOX/$1.console"
  escape_xml source "$disk"
  if [[ ! -e $image.raw ]]; then
    "$VMM_SRCDIR/t/guest/build" ${deaf:+"$deaf"} "$image.raw"
    qemu-img convert -f raw -O qcow2 "$image.raw" "$image.qcow2"
  fi
  cp --sparse=always "$image.$format" "$disk"
  shift
  virsh -q "define /dev/stdin; pool-refresh default" <<END
<domain type='qemu'>
  <name>$name</name>
  $(vmm_metadata "$@")
  <memory unit='MiB'>${GUEST_MEMORY:-2}</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type>${GUEST_FIRMWARE-}</os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='$format'/>
      <source file='$source'/>
      <target dev='hda' bus='ide'/>
    </disk>
    <serial type='file'>
      <source path='$console' append='on'/>
    </serial>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <video><model type='none'/></video>
  </devices>
</domain>
END
}

# uefi_guest NAME [FOLDER] [LABEL...]: the same under UEFI, its variables in
# $SANDBOX_DISKS/NAME_VARS.fd. It does not boot the disk, a BIOS's, but stays in
# the firmware: firmware_wait.
uefi_guest() {
  local dir=/usr/share/OVMF
  local nvram=$SANDBOX_DISKS/$1_VARS.fd
  GUEST_MEMORY=64 GUEST_FIRMWARE="<loader readonly='yes'
    type='pflash'>$dir/OVMF_CODE_4M.fd</loader><nvram
    template='$dir/OVMF_VARS_4M.fd'>$(xml_escape "$nvram")</nvram>" guest "$@"
}

# firmware_wait NAME: until the UEFI guest has written its variables and looks
# for something to boot.
firmware_wait() {
  console_wait "$1" 'BdsDxe: ' 30
}

# need_agent_guest: skips the test if the guest with an agent is not there.
need_agent_guest() {
  local dir=$SANDBOX_CACHE/agent
  [[ -r $dir/kernel && -r $dir/initramfs ]] ||
    skip "the guest with an agent is not in '$dir': t/guest/agent"
}

# agent_guest NAME [FOLDER] [LABEL...]: defines, and does not start, a QEMU VM
# of the guest with an agent (guest/agent), without a disk, with the addresses
# 10.0.2.15, fd00::15 and fe80::15, and its serial port in $SANDBOX/NAME.console.
# AGENT_CMDLINE: words for its kernel, 'noagent' or 'agentdelay=N', 'deaf'.
agent_guest() {
  local dir name console
  escape_xml dir "$SANDBOX_CACHE/agent"
  escape_xml name "$1"
  escape_xml console "$SANDBOX/$1.console"
  shift
  virsh -q define /dev/stdin <<END
<domain type='qemu'>
  <name>$name</name>
  $(vmm_metadata "$@")
  <memory unit='MiB'>128</memory>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>$dir/kernel</kernel>
    <initrd>$dir/initramfs</initrd>
    <cmdline>console=ttyS0 quiet cryptomgr.notests ${AGENT_CMDLINE-}</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <interface type='user'>
      <model type='virtio'/>
      <rom enabled='no'/>
    </interface>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <serial type='file'>
      <source path='$console' append='on'/>
    </serial>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <video><model type='none'/></video>
  </devices>
</domain>
END
}

# up NAME [FOLDER] [LABEL...]: a guest that has booted and counts.
up() {
  guest "$@"
  virsh -q start --domain "$1"
  console_wait "$1" '^2$'
}

# drop_guests: for teardown; ends and forgets every guest, with its disk. By
# UUID, which nobody has to quote, and all of them at once.
drop_guests() {
  local uuid uuids commands=''
  uuids=$(virsh -q list --all --uuid)
  if [[ $uuids ]]; then
    # what is off already, or transient, is an error, and the next goes on
    for uuid in $uuids; do
      commands+="destroy $uuid; undefine --managed-save --snapshots-metadata --nvram $uuid; "
    done
    assert_equal "$(virsh -q "$commands list --all --name" 2>/dev/null)" ""
  fi
  rm -rf "${SANDBOX_DISKS:?}"/* "${SANDBOX:?}"/*.console
}

# assert_goes_on NAME: the guest counts, and was booted only once.
assert_goes_on() {
  count_wait "$1" "$(($(console_count "$1") + 2))"
  assert_equal "$(grep -c '^GUEST READY' "$SANDBOX/$1.console")" 1
}

# save_file NAME: where its managed save is, or would be.
save_file() {
  if [[ $SANDBOX_MODE == system ]]; then
    echo "/var/lib/libvirt/qemu/save/$1.save"
  else
    echo "$XDG_CONFIG_HOME/libvirt/qemu/save/$1.save"
  fi
}

# saving_wait NAME: until the memory of the guest is being written to disk.
saving_wait() {
  catches CONT "libvirt_iohelper .*/$1[.]save"
}

# saving_hold NAME: the same, and from then on its writer stands still, so that it
# cannot be done before saving_goes_on. For a guest with GUEST_MEMORY=3000: nine
# bytes for each empty page are more than the pipe to the writer holds.
saving_hold() {
  catches STOP "libvirt_iohelper .*/$1[.]save"
  wait_until 10 is_migrating "$1"
}

# is_migrating NAME: its QEMU has been told to write its memory.
is_migrating() {
  virsh -q qemu-monitor-command "$1" '{"execute":"query-migrate"}' |
    grep -q '"status":"active"'
}

# saving_goes_on NAME
saving_goes_on() {
  signal CONT "libvirt_iohelper .*/$1[.]save"
}

# reverts_external: this libvirt can go back to external snapshots.
reverts_external() {
  virsh capabilities | grep -qF '<externalSnapshot'
}

# console_wait NAME ERE [SECONDS]: until a line of the guest's console matches.
console_wait() {
  wait_until "${3-30}" grep -qsE -e "$2" "$SANDBOX/$1.console" ||
    fail "the console of '$1' is:" "$(tail -n 20 "$SANDBOX/$1.console")"
}

# forget NAME...: what their consoles say so far; else it would be an answer to
# who waits for what the next boot says.
forget() {
  local name
  for name; do
    : >"$SANDBOX/$name.console"
  done
}

# boots NAME COUNT: its guest has come up so often.
boots() {
  (($(grep -c 'GUEST READY' "$SANDBOX/$1.console") == $2))
}

# console_count NAME: the guest's last count but one, which is printed in full.
console_count() {
  { echo 0; head -n -1 "$SANDBOX/$1.console" | grep -xE '[0-9]+'; } | tail -n 1
}

# count_wait NAME COUNT [SECONDS]: until the guest has counted past COUNT.
count_wait() {
  wait_until "${3-30}" count_is_past "$1" "$2"
}

# count_is_past NAME COUNT
count_is_past() {
  (($(console_count "$1") > $2))
}

# disk_count VOLUME: the count that the guest wrote to LBA 1 of VOLUME.qcow2
disk_count() {
  local raw=$BATS_TEST_TMPDIR/disk_count
  qemu-img convert -U -f qcow2 -O raw "$SANDBOX_DISKS/$1.qcow2" "$raw"
  dd if="$raw" bs=512 skip=1 count=1 status=none | head -n 1 | tr -d '\0'
}

# written IMAGE: the count that the guest wrote to LBA 1 of its disk.
# Of a count qemu-img takes off what is skipped.
written() {
  qemu-img dd -f qcow2 -O raw bs=512 skip=1 count=2 "if=$1" "of=$BATS_TEST_TMPDIR/raw"
  head -n 1 "$BATS_TEST_TMPDIR/raw" | tr -d '\0'
}

# dangling: the files in the pool that no VM has or stands on, by libvirt's own
# files and QEMU's format, for neither costs a process
dangling() {
  perl -e '
    my ($disks, @definitions) = @ARGV;
    my %used;
    for (@definitions) {
      open my $in, "<", $_ or next;
      my $xml = do { local $/; <$in> };
      while ($xml =~ /<disk .*?<source file=.([^\x27]+)/sg) {
        for (my $file = $1; $file ne "" && !$used{$file}++;) {
          open my $image, "<", $file or last;
          read $image, my $head, 20;
          my ($magic, undef, $at, $length) = unpack "a4 N Q> N", $head;
          $file = "";
          next if $magic ne "QFI\xfb" || !$length;
          seek $image, $at, 0;
          read $image, $file, $length;
        }
      }
    }
    print map { "$_\n" } grep { !$used{$_} } sort glob "$disks/*";
  ' "$SANDBOX_DISKS" "$SANDBOX"/etc/libvirt/qemu/*.xml "$SANDBOX"/run/libvirt/qemu{,/run}/*.xml
}

# vm_state NAME: as `virsh domstate` has it.
vm_state() {
  virsh -q domstate --domain "$1"
}

# wait_state NAME STATE [SECONDS]
wait_state() {
  wait_until "${3-30}" vm_is "$1" "$2" || fail "it is $(vm_state "$1")"
}

# vm_is NAME STATE
vm_is() {
  [[ $(vm_state "$1") == "$2" ]]
}

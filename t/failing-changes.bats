# Every command that changes something, with each call of the daemon failing in
# turn, and with the connection lost there: what was to be done is done, or one
# line that is true says why not; and a second run makes it good. Nothing is lost.
#
# Only the calls that change something are all tried, with the answer lost, too,
# and each fifth of the others; VMM_EVERY_CALL=yes: all.
#
# A test says what there is before ($build, $each), and the command; this puts it
# back before each try. The rest is one property, strike.
#
# check: release: three minutes of it; `--all=calls` has all calls, with sanitizers

load helpers

setup_file() {
  local virsh=$BATS_FILE_TMPDIR/virsh
  mkfifo "$virsh" "$virsh.out"
  (close_fds && exec virsh -q) <>"$virsh" 1<>"$virsh.out" 2>&1 &
  export VIRSH=$!
}

teardown_file() {
  kill "$VIRSH"
}

teardown() {
  drop_guests
  rm -rf "${XDG_STATE_HOME:?}/vmm"
}

# ---- what is there ----------------------------------------------------------

# tell: the lines of standard input to the one virsh of this file; its answers
tell() {
  # a line of virsh's echo ends with that of the next
  { echo 'echo _"begin"_' && cat && printf '%s\n' 'echo _"done"_' echo; } \
    >"$BATS_FILE_TMPDIR/virsh"
  sed '1,/^_begin_/d; /^virsh # /d; /^_done_/Q' <"$BATS_FILE_TMPDIR/virsh.out"
}

# vm NAME NUMBER: a VM of this number, with a disk that has something on it
vm() {
  local uuid=00000000-0000-4000-8000-00000000000$2
  GUEST_FORMAT=qcow2 guest "$1" /lab old
  qemu-io -f qcow2 -c 'write -q -P 85 512k 64k' "$SANDBOX_DISKS/$1.qcow2"
  virsh dumpxml "$1" | sed "s|<uuid>.*|<uuid>$uuid</uuid>|" >"$BATS_TEST_TMPDIR/xml"
  tell <<<"undefine $1
define $BATS_TEST_TMPDIR/xml"
}

# what there can be before a command, made once and kept in $BATS_FILE_TMPDIR
build_one() {
  vm web1 1
}

build_two() {
  vm web1 1
  vm web2 2
}

build_linked() {
  vm web1 1
  vmm clone -q --linked web1 c1 >/dev/null
}

build_snapshots() {
  vm web1 1
  tell <<<'snapshot-create-as web1 one
snapshot-create-as web1 two'
  tell <<<'snapshot-dumpxml web1 one' >"$BATS_FILE_TMPDIR/snap1"
  tell <<<'snapshot-dumpxml web1 two' >"$BATS_FILE_TMPDIR/snap2"
  qemu-io -f qcow2 -c 'write -q -P 86 512k 64k' "$SANDBOX_DISKS/web1.qcow2"
}

# two folders in one element, which fsck mends
build_malformed() {
  vm web1 1
  tell <<<'dumpxml web1' | sed '/<vmm:path>/p' >"$BATS_TEST_TMPDIR/xml"
  tell <<<"define $BATS_TEST_TMPDIR/xml"
}

# a clone whose base its source still writes
build_exposed() {
  vm web1 1
  vm c1 2
  qemu-img create -q -f qcow2 -b "$SANDBOX_DISKS/web1.qcow2" -F qcow2 "$SANDBOX_DISKS/new"
  mv "$SANDBOX_DISKS/new" "$SANDBOX_DISKS/c1.qcow2"
}

# a serial port that can be opened
build_serial() {
  vm web1 1
  tell <<<'dumpxml web1' |
    sed -e "/<serial/,/<.serial>/s/<source [^>]*>//; /<console/,/<.console>/d" \
      -e "s/<serial type='file'>/<serial type='pty'>/" >"$BATS_TEST_TMPDIR/xml"
  tell <<<"define $BATS_TEST_TMPDIR/xml"
}

# fresh: all VMs as $build made them, and then what $each tells virsh
fresh() {
  local name names kept=$BATS_FILE_TMPDIR/$build
  clear_all
  if [[ ! -d $kept ]]; then
    "build_$build"
    mkdir "$kept" "$kept/disks"
    cp -a --sparse=always "$SANDBOX_DISKS/." "$kept/disks"
    for name in $(tell <<<'list --all --name'); do
      tell <<<"dumpxml --inactive $name" >"$kept/$name.xml"
    done
    clear_all
  fi
  cp -a --sparse=always "$kept/disks/." "$SANDBOX_DISKS"
  printf 'define %s\n' "$kept"/*.xml | tell >/dev/null
  tell <<<"pool-refresh default
$each" >"$BATS_TEST_TMPDIR/told"
  ! grep ^error "$BATS_TEST_TMPDIR/told" || fail "$each"
  [[ ! $booted ]] || console_wait web1 '^1$'
}

clear_all() {
  local name names
  names=$(tell <<<'list --all --name')
  for name in $names; do
    printf '%s\n' "destroy $name" \
      "undefine --managed-save --snapshots-metadata --nvram $name"
  done | tell >/dev/null
  rm -rf "${SANDBOX_DISKS:?}"/* "${XDG_STATE_HOME:?}/vmm" "${SANDBOX:?}"/*.console
}

# state FILE: all that a command can change, but for what is random
state() {
  local name file names
  names=$(tell <<<'list --all --name')
  for name in $names; do
    printf '%s\n' "dominfo $name" \
      "domblklist $name" "metadata $name http://calebstew.art/xmlns/vmm" \
      "snapshot-list $name --tree" "dumpxml --inactive $name"
  done | tell >"$BATS_TEST_TMPDIR/raw"
  {
    cat "$BATS_TEST_TMPDIR/raw"
    [[ ! $disks ]] || contents
    # more than one random name is as good as one: a source that a clone was to
    # stand on keeps its overlay
    find "$SANDBOX_DISKS" -type f | sed -E 's/-[0-9a-f]{8}\.qcow2/-RANDOM.qcow2/' | sort -u
  } | sed -E -e "/^(Id|UUID|OS Type|CPU.*|Max memory|Used memory|Security.*): /d" \
    -e "/00000000-0000-4000-8000-/! s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/" \
    -e 's/-[0-9a-f]{8}\.qcow2/-RANDOM.qcow2/; s/^ +//; s/></>\n</g' \
    >"$1.state"
}

# contents: what is on the VMs' disks, and in snapshots in them
contents() {
  local name file snapshot
  while IFS=$'\t' read -r name file; do
    qemu-img convert -U -O raw "$file" "$BATS_TEST_TMPDIR/content" || :
    # a guest that runs writes to the second sector
    echo "$name: $(tail -c +1025 "$BATS_TEST_TMPDIR/content" | cksum)"
    for snapshot in $snapshots; do
      qemu-img convert -U -l "snapshot.name=$snapshot" -O raw "$file" \
        "$BATS_TEST_TMPDIR/content" 2>/dev/null || continue
      echo "$name: $snapshot: $(cksum <"$BATS_TEST_TMPDIR/content")"
    done
  done < <(awk '/^Name: / { name = $2 } /^ [a-z]+  *\// { print name "\t" $2 }' \
    "$BATS_TEST_TMPDIR/raw")
}

same() {
  cmp -s "$BATS_TEST_TMPDIR/$1.state" "$BATS_TEST_TMPDIR/$2.state"
}

# editor: gives a VM a title, if it has none
editor() {
  export EDITOR=$BATS_TEST_TMPDIR/editor
  # shellcheck disable=SC2016 # the dollars are the editor's
  printf '%s\n' '#!/bin/sh' 'for file; do :; done' \
    'grep -q "<title>" "$file" ||' \
    '  sed -i "s|</name>|</name><title>new</title>|" "$file"' >"$EDITOR"
  chmod +x "$EDITOR"
}

# installer: a virt-install that defines `new`, by the virsh of this file
installer() {
  export -f tell
  export BATS_FILE_TMPDIR
  mkdir "$BATS_TEST_TMPDIR/bin"
  fresh
  tell <<<'dumpxml web1' |
    sed '/<uuid>/d; s/web1/new/; /<metadata>/,/<.metadata>/d' >"$BATS_TEST_TMPDIR/new.xml"
  printf '%s\n' '#!/bin/bash' "tell <<<'define $BATS_TEST_TMPDIR/new.xml' >/dev/null" \
    >"$BATS_TEST_TMPDIR/bin/virt-install"
  chmod +x "$BATS_TEST_TMPDIR/bin/virt-install"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# goes_on COMMAND...: as it says, where the VM was started paused
goes_on() {
  if [[ $first == *"'vmm resume'"* && $(tell <<<'domstate web1') == paused ]]; then
    again resume web1
  else
    again "$@"
  fi
}

# file_it COMMAND...: of a VM that was made, but not filed
file_it() {
  if [[ $(tell <<<'list --all --name') == *new* ]]; then
    again mv new /lab/
    again label -a x new
  else
    again "$@"
  fi
}

# on_terminal: the script that runs vmm on a terminal, on which Ctrl-] is typed
on_terminal() {
  typed=$BATS_TEST_TMPDIR/typed
  printf '\035' >"$typed"
  # shellcheck disable=SC2016 # the dollars are the script's
  printf '%s\n' '#!/bin/bash' 'printf -v words " %q" "$@"' \
    "exec script -qec \"vmm \$words 2>>'$BATS_TEST_TMPDIR/vmm.err'\" /dev/null" \
    >"$BATS_TEST_TMPDIR/terminal"
  chmod +x "$BATS_TEST_TMPDIR/terminal"
  program=("$BATS_TEST_TMPDIR/terminal")
}

# ---- what has to hold -------------------------------------------------------

# struck POINT COMMAND...: runs it, and something happens there (see t/faulty)
struck() {
  local point=$1
  shift
  ran "$VMM_SRCDIR/t/faulty" "$point" timeout --foreground -k 5 60 "${program[@]}" "$@"
  read -r calls changes procedure <"$SANDBOX/faulty.calls"
}

# again COMMAND...: runs it, and nothing happens
again() {
  ran timeout --foreground -k 5 60 "${program[@]}" "$@"
}

ran() {
  status=0
  "$@" <"$typed" >"$BATS_TEST_TMPDIR/vmm.out" 2>"$BATS_TEST_TMPDIR/vmm.err" 3>&- || status=$?
  read_back stderr stderr_lines "$BATS_TEST_TMPDIR/vmm.err"
}

# amiss KIND: what is not as it has to be; noted, and compared in the end
amiss() {
  found+=("$scenario: ${how:-fails }$struck_at $1")
  echo "# $scenario $point ($struck_at): $1: status $status: $stderr"
  case $1 in
    false | success) differs before failed ;;
    end) differs after end ;;
  esac
}

# differs STATE STATE: tells where
differs() {
  diff "$BATS_TEST_TMPDIR/$1.state" "$BATS_TEST_TMPDIR/$2.state" |
    sed "s/^/#   $2: /; 12q" || :
}

# errors: how many lines of $stderr are of a failure
errors() {
  grep -cvE "^vmm-[a-z]*: warning: |$notes" <<<"$stderr" || :
}

# try_at POINT COMMAND...: false if the command made fewer calls
try_at() {
  local n=${1#"$how"} procedure
  point=$1
  shift
  [[ $clean ]] || fresh
  clean=''
  struck "$point" "$@"
  struck_at=$procedure
  if [[ $n == c* ]]; then
    ((changes >= ${n#c})) || return
  else
    ((calls >= n)) || return
  fi
  state "$BATS_TEST_TMPDIR/failed"
  tried=$((tried + 1))
  if ((status == 0)); then
    same failed after || amiss success
    return 0
  fi
  case $status in
    3) ;;
    1 | 4) [[ $how != cut:* ]] || amiss status ;;
    *) amiss status ;;
  esac
  grep -qvE "$notes" <<<"$stderr" && (($(errors) <= vms)) || amiss lines
  ! grep -v '^vmm-' <<<"${stderr:-vmm-}" || amiss lines
  [[ $stderr != *"no error"* ]] || amiss reason
  is_true || amiss false
  # from where it was before it came to its end once already
  [[ $n == c* || ${VMM_EVERY_CALL-} == yes || $(notes_left) ]] || ! same failed before ||
    clean=yes
  [[ $clean ]] || try_again "$@"
}

# is_true: what is said not to have been done was not done, and what is said to have
# been was
is_true() {
  local line name there cannot="cannot [a-z ]* '([^']*)'"
  local perhaps='may have been done|was started'
  for line in "${stderr_lines[@]}"; do
    [[ $line != *"': it was done, but"* ]] || ((vms > 1)) || same failed after || return
    [[ ! $line =~ $perhaps && $line =~ $cannot ]] || continue
    if ((vms == 1)); then
      same before after || ! same failed after || return
      continue
    fi
    name=${BASH_REMATCH[1]##*/}
    there=$(of_vm "$name" failed)
    [[ $there == "$(of_vm "$name" before)" || $there != "$(of_vm "$name" after)" ]] ||
      return
  done
}

# of_vm NAME STATE: what is of this VM
of_vm() {
  sed -n "/^Name:  *$1\$/,/^<.domain>/p" "$BATS_TEST_TMPDIR/$2.state"
}

# try_again COMMAND...: without a fault it comes to the same end, perhaps after
# what there is for what was cut short
try_again() {
  local first=$stderr
  "${second[@]}" "$@"
  if ((status)) && ! { same failed after && [[ $stderr =~ $so_already ]]; }; then
    vmm fsck --repair &>"$BATS_TEST_TMPDIR/fsck" || :
    "${second[@]}" "$@"
    ((status == 0)) || { stderr="$first; again: $stderr" && amiss again; }
  fi
  state "$BATS_TEST_TMPDIR/end"
  [[ ! $(notes_left) ]] && same end after || mended || amiss end
}

# notes_left: those of what was begun, for `vmm fsck`
notes_left() {
  ls -A "$XDG_STATE_HOME/vmm/volumes" 2>/dev/null || :
}

# mended: that there are leftovers was noted, and `vmm fsck --repair` frees them
mended() {
  vmm fsck --repair &>"$BATS_TEST_TMPDIR/fsck" || return
  state "$BATS_TEST_TMPDIR/end"
  [[ ! $(notes_left) ]] && same end after
}

# strike COMMAND...: all of it, for each call
strike() {
  local calls changes procedure how n tried=0 total changing point clean='' found=()
  scenario=${BATS_TEST_DESCRIPTION#failing: }
  echo "# $scenario"
  fresh
  state "$BATS_TEST_TMPDIR/before"
  struck 0 "$@"
  assert_equal "$status: $stderr" "0: $stderr"
  state "$BATS_TEST_TMPDIR/after"
  total=$calls changing=$changes
  echo "# $calls calls, $changes change something"
  ((changes)) || fail "nothing is changed"
  for how in '' cut: cut:after:; do
    if [[ ${VMM_EVERY_CALL-} == yes && $how != *after: ]]; then
      for ((n = 1; ; n++)); do
        try_at "$how$n" "$@" || break
      done
      continue
    fi
    for ((n = 1; n <= changing; n++)); do
      try_at "${how}c$n" "$@" || break
    done
    [[ $how != *after: ]] || continue
    for ((n = 1 + ${#scenario} % 5; n <= total; n += 5)); do
      try_at "$how$n" "$@" || break
    done
  done
  echo "# tried $tried"
  as_expected
}

# expected: what is known to be amiss, and is to be mended: its number, `always`
# where each run comes by it (`every`: only one that tries every call; `perhaps`:
# where it is chance which of two clones is defined first), and an expression for
# `TEST: HOW PROCEDURE KIND`. One that is not amiss any more is a failure here, too,
# and goes.
#   E1  clone: it is made, and the connection is lost after that: it says that it
#       cannot, and that `fsck --repair` removes it, which it does not
#   E2  clone, flatten, fsck --repair: a volume was made, or was to be, when the
#       connection was lost: `fsck --repair` does not free it, or keeps its note
#   E3  clone of two: one is defined and the connection is lost: it stays
#   E4  rename, revert, rm, snapshot, fsck --repair: it was done, but the answer was lost: it says that
#       it cannot
#   E5  revert --paused, rm, fsck --repair: it was done, and a look at it afterwards
#       fails: it says that it cannot
#   E6  rm --disks: the VM is gone, its disk not: nothing deletes that any more
#   E7  flatten: what it stood on is not deleted, or the origin is not taken away,
#       and the status is 0
#   E8  snapshot of a VM that is off: its record is there, which holds its place, but
#       nothing in the disks; a second run takes it for one, and fsck --repair, too
#   E9  flatten of a VM that is active: what it stood on is in its disk, and then
#       something fails: a second run does not take its origin away
expected() {
  cat <<'END'
E1 always clone: cut:after:11 false
E1 every clone: cut:[0-9]+ false
E1 always clone --linked, of two: cut:after:11 false
E1 every clone --linked, of two: cut:[0-9]+ false
E1 always clone --linked, of a VM that is active: cut:after:11 false
E1 every clone --linked, of a VM that is active: cut:[0-9]+ false
E2 always clone: cut:after:125 (again|end)
E2 every clone: cut:[0-9]+ (again|end)
E2 every clone --linked, of two: cut:[0-9]+ (again|end)
E2 always flatten: cut:after:125 end
E2 every flatten: cut:[0-9]+ end
E2 every fsck --repair, of a base that is written: cut:[0-9]+ end
E2 every clone --linked, of a VM that is active: cut:[0-9]+ (again|end)
E3 always clone --linked, of two: cut:11 (again|end)
E3 perhaps clone --linked, of two: cut:after:11 (again|end)
E4 always rename: cut:after:358 false
E4 always revert: cut:after:192 false
E4 always revert --paused: cut:after:192 false
E4 always snapshot: cut:after:185 false
E4 always snapshot, of a VM that is active: cut:after:185 false
E4 always snapshot --disk-only: cut:after:185 false
E4 always snapshot --delete: cut:after:193 false
E4 always snapshot --delete --children: cut:after:193 false
E4 always rm: cut:after:231 false
E4 always rm --disks: cut:after:94 false
E4 always rm --force, of a VM that is active and has snapshots: cut:after:94 false
E4 always fsck --repair, of a base that is written: cut:after:185 false
E5 every revert --paused: (fails |cut:)[0-9]+ false
E5 every rm: (fails |cut:)212 false
E5 every fsck --repair, of a base that is written: (fails |cut:)[0-9]+ false
E5 perhaps fsck --repair, of a base that is written: cut:14 (lines|status)
E6 always rm --disks: (fails |cut:|cut:after:)94 again
E6 every rm --disks: (fails |cut:)[0-9]+ (again|end)
E6 always rm --disks: cut:after:231 (again|end)
E6 always rm --force, of a VM that is active and has snapshots: (fails |cut:)94 again
E6 always rm --force, of a VM that is active and has snapshots: cut:after:231 (again|end)
E6 every rm --force, of a VM that is active and has snapshots: (fails |cut:)[0-9]+ (again|end)
E7 always flatten: (fails |cut:)94 success
E7 every flatten: (fails |cut:)[0-9]+ success
E8 always snapshot: (cut:193|cut:after:185) (again|end)
E9 always flatten, of a VM that is active: (fails |cut:|cut:after:)[0-9]+ end
END
}

# as_expected: what was found is what was expected of this command
as_expected() {
  local number when expression problem new=()
  expected | grep -E "^E[0-9]+ [a-z]+ $scenario: " >"$BATS_TEST_TMPDIR/expected" || :
  printf '%s\n' "${found[@]}" | sort -u >"$BATS_TEST_TMPDIR/found"
  while IFS= read -r problem; do
    [[ ! $problem ]] || grep -qxE -f <(cut -d' ' -f3- "$BATS_TEST_TMPDIR/expected") <<<"$problem" ||
      new+=("$problem")
  done <"$BATS_TEST_TMPDIR/found"
  ((!${#new[@]})) || fail "amiss:" "${new[@]}"
  while read -r number when expression; do
    [[ $when == perhaps || ($when == every && ${VMM_EVERY_CALL-} != yes) ]] ||
      grep -qxE -e "$expression" "$BATS_TEST_TMPDIR/found" ||
      fail "$number is not amiss any more"
  done <"$BATS_TEST_TMPDIR/expected"
}

setup() {
  build=one each='' notes='^$' so_already='^$' disks='' snapshots='' vms=1 booted=''
  second=(again) program=(vmm) typed=/dev/null
}

# paused: never runs, so nothing has to boot, and no disk is written
paused='start --paused web1'
saved=$'start --paused web1\nmanagedsave web1'
redefined="snapshot-create web1 --redefine $BATS_FILE_TMPDIR/snap1
snapshot-create web1 --redefine --current $BATS_FILE_TMPDIR/snap2"

# ---- the commands -----------------------------------------------------------

@test "failing: autostart" {
  strike autostart web1
}

@test "failing: autostart --off" {
  each='autostart web1'
  strike autostart --off web1
}

@test "failing: clone" {
  disks=yes so_already="already"
  strike clone web1 c1
}

@test "failing: clone --linked, of two" {
  disks=yes so_already="already" notes='now writes'
  strike clone --linked web1 c1 c2
}

@test "failing: clone --linked, of a VM that is active" {
  disks=yes so_already="already" each=$paused notes='now writes'
  strike clone --linked web1 c1
}

@test "failing: console --start" {
  build=serial notes='this is the console of' second=(goes_on)
  on_terminal
  strike console --start web1
}

@test "failing: create" {
  second=(file_it)
  installer
  strike create --folder=/lab --add-label=x -- --name new
}

@test "failing: edit" {
  editor
  strike edit web1
}

@test "failing: flatten" {
  build=linked disks=yes
  strike flatten c1
}

@test "failing: flatten, of a VM that is active" {
  build=linked disks=yes each='start c1'
  strike flatten c1
}

@test "failing: fsck --repair, of metadata" {
  build=malformed vms=2
  strike fsck --repair
}

@test "failing: fsck --repair, of a base that is written" {
  build=exposed disks=yes vms=3
  strike fsck --repair
}

@test "failing: label" {
  strike label -a new -d old web1
}

@test "failing: label, of a VM that is active" {
  each=$paused
  strike label -a new -d old web1
}

@test "failing: label, of a VM that is saved" {
  each=$saved
  strike label -a new -d old web1
}

@test "failing: mv" {
  build=two vms=2 so_already="no folder '/lab/'"
  strike mv /lab/ /new/
}

@test "failing: pause" {
  each='start web1'
  strike pause web1
}

@test "failing: reboot" {
  each='start web1' booted=yes
  # a guest that boots does not hear the button of a second run
  strike reboot --force --timeout=3 web1
}

@test "failing: rename" {
  so_already="no VM 'web1'"
  strike rename web1 new
}

@test "failing: reset" {
  each=$paused
  strike reset web1
}

@test "failing: resume" {
  each=$paused
  strike resume web1
}

@test "failing: revert" {
  build=snapshots each=$redefined disks=yes snapshots='one two'
  strike revert --to=one web1
}

@test "failing: revert --paused" {
  build=snapshots each=$redefined disks=yes snapshots='one two'
  strike revert --paused --to=one web1
}

@test "failing: rm" {
  so_already="no VM 'web1'" notes="' is removed"
  strike rm web1
}

@test "failing: rm --disks" {
  build=linked disks=yes so_already="no VM 'c1'" notes="' is removed"
  strike rm --disks c1
}

@test "failing: rm --force, of a VM that is active and has snapshots" {
  build=snapshots each="$redefined"$'\n'"$paused" disks=yes so_already="no VM 'web1'" notes="' is removed"
  strike rm --force --disks web1
}

@test "failing: save" {
  each=$paused
  strike save web1
}

@test "failing: save --discard" {
  each=$saved
  strike save --discard web1
}

@test "failing: snapshot" {
  disks=yes snapshots=one so_already="already"
  strike snapshot --name=one web1
}

@test "failing: snapshot, of a VM that is active" {
  # what QEMU writes into the disk is there when it pleases
  each=$paused disks=yes so_already="already"
  strike snapshot --name=one web1
}

@test "failing: snapshot --disk-only" {
  disks=yes so_already="already"
  strike snapshot --disk-only --name=one web1
}

@test "failing: snapshot --delete" {
  build=snapshots each=$redefined disks=yes snapshots='one two' so_already="no snapshot"
  strike snapshot --delete=one web1
}

@test "failing: snapshot --delete --children" {
  build=snapshots each=$redefined disks=yes snapshots='one two' so_already="no snapshot"
  strike snapshot --delete=one --children web1
}

@test "failing: start" {
  strike start --paused web1
}

@test "failing: start, of a VM that is saved" {
  each=$saved
  strike start --paused web1
}

@test "failing: start --fresh" {
  each=$saved
  strike start --fresh --paused web1
}

@test "failing: start, of a VM that is paused" {
  each=$paused
  strike start web1
}

@test "failing: stop" {
  each='start web1' booted=yes
  strike stop web1
}

@test "failing: stop --now" {
  each=$paused
  strike stop --now web1
}

@test "failing: every command that changes something is here" {
  local word name
  for word in $(make_words COMMANDS); do
    name=${word#cmd/vmm-}
    case $name in
      # they look; what view can start is started as console does
      completion | config | info | ip | ls | screen | tree | view | wait | watch)
        continue
        ;;
    esac
    grep -qE "^  strike $name( |$)" "$BATS_TEST_FILENAME" || fail "no test: $name"
  done
}

# The recipes of README.md, each as it stands there, on real VMs of the names
# that it has.
#
# check: release: it tests README.md, with commands that their own files test

load helpers

setup() {
  printf '#!/bin/sh\necho "ssh $*"\n' >"$BATS_TEST_TMPDIR/ssh"
  chmod +x "$BATS_TEST_TMPDIR/ssh"
}

teardown() {
  drop_guests
  rm -rf "${HOME:?}/.local"
}

# titles: the lines above the recipes, without the colon
titles() {
  awk '
    /^## / { on = /recipes$/ }
    on && /^```sh/ { print substr(title, 1, length(title) - 1) }
    NF { title = $0 }' "$VMM_SRCDIR/README.md"
}

# recipe TITLE: runs it as a shell does which stops at the first failure, and
# whose ssh only says where it would go; sets $output and $stderr
recipe() {
  local code=$BATS_TEST_TMPDIR/recipe
  TITLE=$1: awk '
    $0 == ENVIRON["TITLE"] { here = 1; next }
    here && /^```$/ { exit }
    here && !/^```|^$/' "$VMM_SRCDIR/README.md" >"$code"
  [[ -s $code ]] || fail "README.md has no recipe '$1'"
  echo "$(<"$code")"
  status=0
  # the files of a user who has set no XDG variables
  timeout 120 env -u XDG_STATE_HOME PATH="$BATS_TEST_TMPDIR:$PATH" \
    bash -e -o pipefail "$code" >"$BATS_TEST_TMPDIR/out" \
    2>"$BATS_TEST_TMPDIR/err" || status=$?
  read_back output lines "$BATS_TEST_TMPDIR/out"
  read_back stderr stderr_lines "$BATS_TEST_TMPDIR/err"
  printf '%s\nstandard error: %s\n' "$output" "$stderr"
  ((status == 0)) || fail "exit status: $status"
}

# qguest, qup NAME...: a guest with a qcow2 disk, and one that is up
qguest() {
  GUEST_FORMAT=qcow2 guest "$@"
}

qup() {
  GUEST_FORMAT=qcow2 up "$@"
}

# disk NAME: the file that it writes to
disk() {
  virsh -q domblklist --inactive "$1" | awk 'NR == 1 { print $2 }'
}

# base NAME: the file that its disk stands on, or nothing
base() {
  qemu-img info -U --output=json "$(disk "$1")" |
    jq -r '."full-backing-filename" // empty'
}

@test "recipes: README has ten, and each is run here" {
  run titles
  assert_equal "${#lines[@]}" 10
  diff <(printf '%s\n' "$output") \
    <(sed -n "s/^  recipe '\(.*\)'$/\1/p" "$BATS_TEST_FILENAME")
}

@test "recipes: choosing with fzf starts what was chosen, and that only" {
  type -P fzf >/dev/null || skip "fzf is not installed"
  guest web1 /lab
  guest web2 /lab
  export FZF_DEFAULT_OPTS=--filter=web2 # in place of a person
  recipe 'Choose VMs of a folder, and start them'
  assert_equal "$output$stderr" ""
  console_wait web2 '^GUEST READY'
  assert_equal "$(vm_state web1)" "shut off"
}

@test "recipes: a label, and all that carry it" {
  guest web1 /lab
  guest web2 /other
  up web3 /lab web
  guest db1 /lab
  recipe 'Label some, and later start all that carry the label'
  assert_equal "$stderr" ""
  assert_output "/lab/web1
/other/web2"
  assert_equal "$(vmm label | paste -sd ' ')" web
  run_vmm ls -R -s running
  assert_output "/lab/web1
/lab/web3
/other/web2"
}

@test "recipes: a lab of linked clones, each on the template's base" {
  local name
  qup debian12 /templates
  count_wait debian12 5
  virsh -q destroy debian12
  base=$(disk debian12)
  before=$(sha256sum <"$base")
  recipe 'Make a lab of linked clones of a template, running'
  assert_output "/lab/web1
/lab/web2
/lab/web3"
  for name in web1 web2 web3; do
    assert_equal "$(base "$name")" "$base"
    console_wait "$name-serial0" '^GUEST READY'
  done
  # the template, started by another client, writes elsewhere
  forget debian12
  virsh -q start debian12
  count_wait debian12 7
  assert_equal "$(sha256sum <"$base")" "$before"
}

@test "recipes: a whole lab as it was before" {
  qup web1 /lab
  qguest db1 /lab/databases
  recipe 'Try something on a whole lab, and undo it'
  assert_equal "$(vm_state web1)" running
  assert_equal "$(vm_state db1)" "shut off"
  assert_goes_on web1
  assert_equal "$(virsh -q snapshot-list --name db1)" before
}

@test "recipes: into a VM, as soon as it is up" {
  need_agent_guest
  agent_guest web1 /lab
  recipe 'Log in to a VM, as soon as it is up'
  assert_output 'ssh root@10.0.2.15'
}

@test "recipes: what runs is saved, and restored, and nothing else is" {
  up web1 /lab
  up db1 /lab/databases
  guest web2 /lab
  recipe 'Save all that runs, and restore just that when the host is back'
  assert_equal "$output$stderr" ""
  assert_goes_on web1
  assert_goes_on db1
  assert_equal "$(vm_state web2)" "shut off"
}

@test "recipes: what does not listen is powered off" {
  up web1 /lab
  GUEST_DEAF=1 up web2 /lab
  up gw
  recipe 'Shut a lab down, and power off what does not listen'
  assert_equal "$(virsh -q domstate --reason web1)" "shut off (shutdown)"
  assert_equal "$(virsh -q domstate --reason web2)" "shut off (destroyed)"
  grep -q '^GUEST OFF' "$SANDBOX/web1.console"
  assert_equal "$(vm_state gw)" running
}

@test "recipes: one clone is kept, the others go with their disks" {
  qguest debian12 /templates
  run_vmm clone --linked --folder=/lab --start debian12 web1 web2 web3
  recipe 'Keep one clone, and throw the others away'
  run_vmm ls -R
  assert_output "/kept/web3
/templates/debian12"
  assert_equal "$(base web3)" ""
  [[ ! $(compgen -G "$SANDBOX_DISKS/web[12]*") ]] || fail "$(ls "$SANDBOX_DISKS")"
  assert_equal "$(vm_state web3)" running
}

@test "recipes: what was removed comes back, with folder and label" {
  guest web1 /lab web
  uuid=$(virsh -q domuuid web1)
  recipe 'Remove a VM, and think better of it'
  run_vmm ls -o uuid,path,labels web1
  assert_output "$uuid	/lab/web1	web"
  run_vmm start web1
  console_wait web1 '^GUEST READY'
}

@test "recipes: the largest files come first, a base that many use once" {
  qguest debian12 /templates
  run_vmm clone --linked debian12 web1 web2
  base=$(base web1)
  qguest big /lab
  qemu-img resize -q "$(disk big)" 20M
  qemu-io -c 'write -q -P 170 4M 8M' "$(disk big)"
  recipe 'See where the disk space goes'
  assert_equal "${lines[0]#*$'\t'}" "$(disk big)"
  assert_equal "${lines[0]%%$'\t'*}" "$(($(stat -c %b "$(disk big)") * 512))"
  assert_equal "$(grep -cF "$base" <<<"$output")" 1
  assert_equal "${#lines[@]}" 5
}

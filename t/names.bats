# Awkward and hostile names: nothing from a VM reaches a terminal raw, and every
# line of `vmm ls` is an operand. On the test driver.

load helpers

setup_file() {
  hold_test_driver
  test_vm 'with blank' '/a folder'
  test_vm "it's" '/a folder'
  test_vm 'say "hi"' /q
  test_vm '-rf' /q
  test_vm 'brack[et' /q
  test_vm 'back\slash' /q
  test_vm $'tab\there' /q
  test_vm 'smile😀' /q
  test_vm 'dollar$(id)`id`' /q
  test_vm $'rtl\u202egpj' /q
  test_vm $'c1\u0085here' /q
  test_vm 'less<b>&amp;' /q
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
}

@test "names: every line of ls, given back, is that VM" {
  local line
  run_vmm ls -R
  assert_equal "${#lines[@]}" 12
  while IFS= read -r line; do
    run_vmm ls -- "$line"
    assert_output "$line"
  done < <(vmm ls -R)
}

@test "names: ls | vmm start - names every VM" {
  run_vmm start -n - < <(vmm ls -R)
  assert_equal "${#lines[@]}" 12
}

@test "names: ls | xargs -d '\\n' names every VM" {
  run bash -c "vmm ls -R | xargs -rd '\n' vmm start -n"
  assert_equal "$status ${#lines[@]}" "0 12"
}

@test "names: ls -0 | xargs -0 names every VM" {
  run bash -c "vmm ls -R0 | xargs -r0 vmm start -n"
  assert_equal "$status ${#lines[@]}" "0 12"
}

@test "names: ls -0 | vmm start -0 - names every VM" {
  run bash -c "vmm ls -R0 | vmm start -n0 - | tr '\0' '\n'"
  assert_equal "$status ${#lines[@]}" "0 12"
}

@test "names: controls, bidirectional overrides and backslashes are escaped" {
  run_vmm ls /q
  assert_line '/q/tab\there'
  assert_line '/q/back\\slash'
  assert_line '/q/rtl\xe2\x80\xaegpj'
  assert_line '/q/c1\xc2\x85here'
  assert_line '/q/smile😀'
}

@test "names: -0 has them raw" {
  vmm ls -0 /q | tr '\0' '\n' | grep -qxF $'/q/tab\there'
  vmm ls -0 /q | tr '\0' '\n' | grep -qxF '/q/back\slash'
}

@test "names: no output of any command has a raw control character" {
  local command words
  for command in "ls -R" "ls -lR" "ls --json -R" "ls -R -o name,path,labels" \
    tree "info /**" "info --json /**" "start -n /**"; do
    read -ra words <<<"$command"
    run_vmm "${words[@]}"
    ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' <<<"$output" ||
      fail "raw: $command"
  done
}

@test "names: JSON has them whole" {
  run_vmm ls --json -R
  assert_equal "$(jq -r 'select(.name | startswith("tab")).name' <<<"$output")" \
    $'tab\there'
  assert_equal "$(jq -r 'select(.name | startswith("back")).name' <<<"$output")" \
    'back\slash'
  assert_match 'rtl\\u202egpj'
}

@test "names: hostile operands come back escaped in the message, on one line" {
  run_vmm 1 start -n $'\033[31mred\nnew'
  assert_stderr_is_one_line "no VM matches '\\\\x1b\[31mred\\\\nnew'"
  run_vmm 1 start -n $'bad\xff\xfe'
  assert_stderr_is_one_line "no VM 'bad\\\\xff\\\\xfe'"
  run_vmm 1 start -n "$(printf 'long%.0s' {1..500})"
  assert_stderr_is_one_line "no VM 'longlong"
}

@test "names: labels are escaped, and their commas and backslashes too" {
  test_vm lab1 /l $'ta\tb' 'c,d' 'e\f' $'\u202ex'
  run_vmm ls -o labels lab1
  assert_output 'ta\tb,c\,d,e\\f,\xe2\x80\xaex'
  run_vmm ls -L 'c,d' -R
  assert_output /l/lab1
  run_vmm ls --json lab1
  assert_equal "$(jq -c .labels <<<"$output")" '["ta\tb","c,d","e\\f","‮x"]'
}

@test "names: tree in the C locale draws with ASCII" {
  LC_ALL=C run_vmm tree '/a folder'
  assert_output "/a folder/
|-- it's
\`-- with blank"
  LC_ALL=C.UTF-8 run_vmm tree '/a folder'
  assert_output "/a folder/
├── it's
└── with blank"
}

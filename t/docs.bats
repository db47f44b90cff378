# Programs, --help, man pages and tests say the same. Adding a command, this
# names what is missing (HACKING.md has the checklist).
#
# check: release: it tests texts, with commands that their own files test

load helpers

setup_file() {
  local programs scripts
  read -ra programs < <(make_words COMMANDS)
  read -ra scripts < <(make_words SCRIPTED)
  export COMMANDS=${programs[*]#cmd/vmm-}
  export SCRIPTS=${scripts[*]#cmd/vmm-}
  # several tests read these, and each program is run once
  local command
  for command in $COMMANDS; do
    "$VMM_EXEC_PATH/vmm-$command" --dump-options >"$BATS_FILE_TMPDIR/$command.options"
  done
  for command in $COMMANDS $SCRIPTS; do
    vmm "$command" --help >"$BATS_FILE_TMPDIR/$command.help" \
      2>"$BATS_FILE_TMPDIR/$command.err"
  done
}

# help_of COMMAND: what its --help printed, in $output, and $stderr; setup_file
# had status 0 of it
help_of() {
  read_back output lines "$BATS_FILE_TMPDIR/$1.help"
  read_back stderr stderr_lines "$BATS_FILE_TMPDIR/$1.err"
}

# options_of COMMAND: what its --dump-options printed
options_of() {
  cat "$BATS_FILE_TMPDIR/$1.options"
}

page() {
  echo "$VMM_SRCDIR/man/vmm-$1.1"
}

# page_options PAGE: its options, `--long -l ARG` a line, as .It Fl entries
page_options() {
  awk '
    $1 == ".It" && $2 == "Fl" {
      short = "-"; long = ""; arg = "-"
      for (i = 2; i <= NF; i++) {
        if ($i == "Fl") {
          i++
          if (substr($i, 1, 1) == "-") long = "-" $i
          else short = "-" $i
        } else if ($i == "Ar") {
          arg = $(i + 1)
          for (i += 2; i <= NF; i++)
            if ($i != "Ns" && $i != "Op" && $i != "Ar") arg = arg " " $i
        }
      }
      print long, short, arg
    }' "$1" | LC_ALL=C sort
}

@test "docs: every source in cmd is a command in Makefile.am" {
  local file name
  for file in "$VMM_SRCDIR"/cmd/vmm-*.c; do
    name=${file##*/vmm-}
    [[ " $COMMANDS " == *" ${name%.c} "* ]] || fail "not in COMMANDS: $file"
  done
}

@test "docs: every script in scripts/vmm-* is a command in Makefile.am" {
  local file
  for file in "$VMM_SRCDIR"/scripts/vmm-*; do
    [[ -e $file ]] || continue
    [[ " $SCRIPTS " == *" ${file##*/vmm-} "* ]] || fail "not in SCRIPTED: $file"
  done
}

@test "docs: every command has a man page, a test file, and is in vmm(1)" {
  local command
  for command in $COMMANDS $SCRIPTS; do
    [[ -e $(page "$command") ]] || fail "no $(page "$command")"
    [[ -e $VMM_SRCDIR/t/$command.bats ]] || fail "no t/$command.bats"
    grep -q "vmm-$command 1" "$VMM_SRCDIR/man/vmm.1" ||
      fail "vmm(1) does not name vmm-$command"
    grep -q "man/vmm-$command.1" "$VMM_SRCDIR/Makefile.am" ||
      fail "Makefile.am does not install the page of $command"
  done
}

@test "docs: every page is installed, and vmm(1) names it" {
  local page
  for page in "$VMM_SRCDIR"/man/vmm-*; do
    page=${page##*/}
    grep -qw "man/$page" "$VMM_SRCDIR/Makefile.am" || fail "not installed: $page"
    grep -qxF -e ".Xr ${page/./ } ," -e ".Xr ${page/./ }" \
      <(sed -n '/^.Sh SEE ALSO/,$p' "$VMM_SRCDIR/man/vmm.1") ||
      fail "vmm(1) does not name $page"
  done
}

@test "docs: what README links to and shows is there" {
  local file
  while IFS= read -r file; do
    [[ $file == https:* || -s $VMM_SRCDIR/$file ]] || fail "there is no $file"
  done < <(grep -oE '\]\([^)]+\)' "$VMM_SRCDIR/README.md" | sed 's/^](//; s/)$//')
}

@test "docs: every test file is run by make check" {
  local file
  for file in "$VMM_SRCDIR"/t/*.bats; do
    grep -q "t/${file##*/}" "$VMM_SRCDIR/Makefile.am" ||
      fail "Makefile.am does not run $file"
  done
  for file in "$VMM_SRCDIR"/t/unit-*.c; do
    file=${file##*/}
    grep -q "t/${file%.c}" "$VMM_SRCDIR/Makefile.am" ||
      fail "Makefile.am does not run $file"
  done
}

@test "docs: a man page has exactly the options that the program has" {
  local command
  for command in $COMMANDS; do
    diff <(options_of "$command" |
      awk -F'\t' '/^--/ { print $1, ($2 == "-" ? "-" : $2), $3 }' | sed 's/ -- / - /' |
      LC_ALL=C sort | sed 's/[][]//g; s/,\.\.\.//; s/\.\.\.//') \
      <(page_options "$(page "$command")" | sed 's/[][]//g; s/,\.\.\.//; s/\.\.\.//') ||
      fail "the program (<) and the page (>) of $command differ"
  done
}

@test "docs: a script's --help has exactly the options of its man page" {
  local command
  for command in $SCRIPTS; do
    help_of "$command"
    diff <(grep -oE '^ +(-., )?--[a-z-]+' <<<"$output" | grep -oE -e '--[a-z-]+' |
      LC_ALL=C sort) <(page_options "$(page "$command")" | cut -d' ' -f1) ||
      fail "--help (<) and the page (>) of $command differ"
    assert_match "^Usage: vmm $command "
  done
}

@test "docs: --help has exactly the options that the program has" {
  local command
  for command in $COMMANDS; do
    help_of "$command"
    diff <(options_of "$command" | sed -n 's/^\(--[^\t]*\).*/\1/p' |
      LC_ALL=C sort) \
      <(grep -oE '^ +(-., )?--[a-z-]+' <<<"$output" | grep -oE -e '--[a-z-]+' |
        LC_ALL=C sort) || fail "$command"
    assert_match "^Usage: vmm $command \[OPTION...\]"
  done
}

@test "docs: the synopsis names every option that is not shared" {
  local command long letter synopsis shared
  shared=$'\n'$(shared_options)$'\n'
  for command in $COMMANDS; do
    synopsis=$(sed -n '/^.Sh SYNOPSIS/,/^.Sh DESCRIPTION/p' "$(page "$command")")
    while IFS=$'\t' read -r long letter _; do
      [[ $long == --* ]] || continue
      [[ $shared != *$'\n'"$long"$'\n'* ]] || continue
      grep -qE -e "Fl -${long#--}( |$)|Fl [A-Za-z0-9]*${letter#-}( |$)" \
        <<<"$synopsis" || fail "the synopsis of $command lacks $long"
    done < <(options_of "$command")
  done
}

# shared_options: what vmm(1) and vmm-selectors(7) explain for all commands
shared_options() {
  printf -- '--%s\n' connect help version label no-label state null recursive \
    dry-run verbose quiet jobs color
}

@test "docs: vmm-ls(1) has exactly the columns that the program has" {
  run_vmm ls --help
  diff <(sed -n '/^Columns/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$output" | sort) \
    <(awk '/^\.(Ss|Sh) C(olumns|OLUMNS)/ { on = 1; next }
      /^\.(Ss|Sh)/ { on = 0 }
      on && $1 == ".It" { print $NF }' "$(page ls)" | sort)
}

@test "docs: --version and --help are on standard output, with status 0" {
  local command
  for command in $COMMANDS $SCRIPTS; do
    run_vmm "$command" --version
    assert_match "^vmm-$command \(vmm\) [0-9.]+$"
    assert_stderr_is_empty
    help_of "$command"
    assert_stderr_is_empty
  done
}

@test "docs: an unknown option is status 2 for every command, on one line" {
  local command
  for command in $COMMANDS $SCRIPTS; do
    run_vmm 2 "$command" $'--no\e[2J\n-such'
    assert_stderr_is_one_line "^vmm-$command: --no[^"$'\e'"]*-such.*: unknown option"
  done
  for command in $SCRIPTS; do
    run_vmm 2 "$command" --no-such-option
    assert_stderr_is_one_line "^vmm-$command: --no-such-option: unknown option"
  done
  for command in $COMMANDS; do
    run_vmm 2 "$command" --no-such-option
    assert_stderr_is_one_line "^vmm-$command: --no-such-option: unknown option"
    run_vmm 2 "$command" -c
    assert_stderr_is_one_line "^vmm-$command: -c"
  done
}

@test "docs: mandoc finds nothing to complain about" {
  type -P mandoc >/dev/null || skip "mandoc is not installed"
  # what is referred to is not installed here, and mandoc's index not made
  mandoc -T lint "$VMM_SRCDIR"/man/* >"$BATS_TEST_TMPDIR/lint" 2>/dev/null ||
    (($? < 5)) # it understood them
  assert_equal "$(grep -v 'outdated mandoc.db\|referenced manual not found' \
    "$BATS_TEST_TMPDIR/lint")" ""
}

@test "docs: pages refer to pages that there are" {
  local name section
  while read -r name section; do
    [[ -e $VMM_SRCDIR/man/$name.$section ]] || fail "no $name($section)"
  done < <(sed -n 's/^\.\(It \)\?Xr \(vmm[^ ]*\) \([0-9]\).*/\2 \3/p' \
    "$VMM_SRCDIR"/man/* | sort -u)
}

@test "docs: the desktop entry is valid" {
  type -P desktop-file-validate >/dev/null ||
    skip "desktop-file-validate is not installed"
  run -0 desktop-file-validate "$VMM_SRCDIR/share/vmm.desktop"
  assert_output ""
}

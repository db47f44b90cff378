# The rules of the house that a machine can see (HACKING.md).
#
# check: release: it reads sources, and runs none of ours

load helpers

setup() {
  cd "$VMM_SRCDIR"
}

@test "house: arrows point one way: cmd, work, storage, libvirt, pure, base" {
  local layers=(base pure libvirt storage work) i j
  for ((i = 0; i < ${#layers[@]}; i++)); do
    for ((j = i + 1; j < ${#layers[@]}; j++)); do
      ! grep -rn "#include \"${layers[j]}/" "lib/${layers[i]}" ||
        fail "lib/${layers[i]} includes lib/${layers[j]}"
    done
  done
  ! grep -rn '#include ".*cmd/' lib
}

@test "house: the pure modules have no libvirt and open no file" {
  ! grep -rnE '<libvirt/|fopen|open\(|popen|<unistd.h>' lib/pure
}

@test "house: only opt, alloc, file and the interrupt end the program" {
  ! grep -rnE '\b(_?exit|abort|_Exit)\(' lib cmd |
    grep -vE '^lib/(work/opt|base/alloc|base/file)\.c:'
}

@test "house: only report, opt and dispatch print" {
  ! grep -rnE '\b(printf|puts|fputs|fprintf|perror|putchar)\(|\bstderr\b' lib cmd |
    grep -vE '^lib/(work/(report|opt|dispatch)|libvirt/auth)\.c:'
}

@test "house: a command has no popt, XML or listing" {
  ! grep -nE '<popt.h>|<libxml|virConnect|virDomain[A-Z][a-z]+\(' cmd/*.c
}

@test "house: a command fits on a few screens" {
  local file
  for file in cmd/*.c; do
    (($(wc -l <"$file") <= 150)) || fail "too long: $file"
  done
}

@test "house: every source and header is in its folder's sources.am" {
  local file
  for file in lib/*/*.[ch]; do
    grep -qwF "%D%/${file##*/}" "${file%/*}/sources.am" ||
      fail "not in ${file%/*}/sources.am: $file"
  done
}

# row FOLDER: what HACKING.md's map names in its row, one a line. Who reads it
# may be misled by a module that is not there, or that moved.
row() {
  grep -F "| \`$1\` |" HACKING.md | cut -d '|' -f 3- | grep -o '`[^`]*`' | tr -d '`' | LC_ALL=C sort
}

# names FILE...: of which files they are, one a line
names() {
  local file
  for file; do
    file=${file##*/}
    echo "${file%.*}"
  done | LC_ALL=C sort -u
}

@test "house: the map has every module, each in its folder, and no other" {
  local folder
  for folder in lib/*/; do
    folder=${folder%/}
    diff -u --label "HACKING.md: $folder" <(row "$folder") --label "$folder" <(names "$folder"/*.[ch])
  done
  assert_equal "$(row cmd)" $'host-words.c\nvmm-NAME.c\nvmm-completion\nvmm.c'
  assert_equal "$(names cmd/*.c | grep -v '^vmm-')" $'host-words\nvmm'
}

@test "house: the map has every script, and no other" {
  # the folder says `vmm-`, the map once
  diff -u <(row scripts | grep -vx vmm-NAME) \
    <(names scripts/* | sed 's/^vmm-//' | LC_ALL=C sort)
}

@test "house: every tool of the tests is in HACKING.md's list, used as it says" {
  local list line tool
  list=$(sed -n '/^## Tests/,$ { /^```sh$/,/^```$/p }' HACKING.md | sed 's/ *#.*//' | tr ';' '\n' | sed 's/^ *//')
  for tool in scripts/* t/* t/*/*; do
    [[ -f $tool && -x $tool && $tool != *.bats && $tool != scripts/vmm-* ]] || continue
    # what make builds there is no script; and two are for others, not people
    IFS= read -rn 2 line <"$tool" && [[ $line == '#!' ]] || continue
    [[ $tool != t/proxy && $tool != t/guest/build ]] || continue
    [[ $'\n'$list == *$'\n'"$tool"[$' \n']* ]] || row scripts | grep -qxF "${tool#scripts/}" ||
      fail "not in HACKING.md: $tool"
  done
  while read -r line; do
    tool=${line%% *}
    [[ $tool == t/* || $tool == scripts/* ]] || continue
    [[ -x $tool || $tool == t/unit-* ]] || fail "there is no $tool"
    # words in capitals are a usage, and the tool's own
    [[ $line != *[\ \<][A-Z][A-Z]* ]] || grep -qF "${line#"$tool"}" \
      <(sed -n 's/^# usage: //p' "$tool") || fail "not the usage of $tool: $line"
  done <<<"$list"
}

@test "house: every module says what it hides, every header has a guard" {
  local file
  for file in lib/*/*.[ch] cmd/*.c; do
    [[ $(head -c 2 "$file") == '/*' ]] || fail "no head: $file"
  done
  for file in lib/*/*.h; do
    grep -q '^#ifndef VMM_' "$file" || fail "no guard: $file"
  done
}

@test "house: no fixed-size copying, and no assert on input" {
  ! grep -rnE '\b(strcpy|strcat|sprintf|gets|strncpy|strncat|assert)\(' lib cmd |
    grep -v vmm_
}

@test "house: clang-format changes nothing" {
  type -P clang-format >/dev/null || skip "clang-format is not installed"
  clang-format --dry-run -Werror lib/*/*.[ch] cmd/*.c t/*.[ch] t/fuzz/*.c
}

@test "house: shellcheck finds nothing" {
  type -P shellcheck >/dev/null || skip "shellcheck is not installed"
  shellcheck -S style scripts/* .ci/run t/again t/root t/run t/*.bash t/guest/build \
    t/guest/agent t/coverage t/valgrind t/fuzz/run t/bench/[a-z]*
  # makepkg reads some variables, sets others, and ends by what fails
  shellcheck -S style -s bash -e SC2016,SC2034,SC2154,SC2164 arch/PKGBUILD
  # bats sets these variables, and ends a test that cannot change directory
  shellcheck -S warning -s bash -e SC2154,SC2164 t/*.bats
}

@test "house: a test file that runs in one build only is in COVERAGE.md's table" {
  local file kind name row
  for file in t/*.bats; do
    kind=$(sed -n 's/^# check: //p; /^load /q' "$file")
    [[ $kind ]] || continue
    name=${file#t/} name=${name%.bats}
    case $kind in
      release:\ *) row='the build with sanitizers' ;;
      sanitizers:\ *) row='the release' ;;
      package:\ *) row="Debian's and Arch's packages" ;;
      *) fail "$file: what is that? $kind" ;;
    esac
    grep -F "| $row" t/COVERAGE.md | grep -qw -e "$name" ||
      fail "not in the row '$row' of t/COVERAGE.md: $name"
  done
  # and no other
  while read -r name; do
    grep -q "^# check: " "t/$name.bats" || fail "t/$name.bats has no line '# check:'"
  done < <(sed -n 's/^| the \(build with sanitizers\|release\) | \([^|]*\) |.*/\2/p' \
    t/COVERAGE.md | tr ' ' '\n' | grep .)
}

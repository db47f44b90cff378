# fish completion for vmm(1), and for its commands called by themselves. All
# thinking is done by vmm-completion(1).

function __vmm_complete
    command -q vmm; or return
    # the word up to the cursor, without its quotes; nothing is expanded
    set -l typed (commandline -ct)
    set -l word (string unescape -- $typed
        or string unescape -- $typed"'"
        or string unescape -- $typed'"'
        or string trim -r -c \\ -- $typed | string unescape)
    set -l answer (vmm completion -- (commandline -opc) "$word" 2>/dev/null)
    if test "$answer" = \tfiles
        set -l option (string match -r -- '^--[^=]*=' $typed)
        printf '%s\n' "$option"(__fish_complete_path (string replace -r -- '^--[^=]*=' '' $typed))
    else
        printf '%s\n' $answer
    end
end

complete -c vmm -f -k -a '(__vmm_complete)'
command -q vmm; or return
for command in (vmm --list-cmds 2>/dev/null)
    complete -c vmm-$command -f -k -a '(__vmm_complete)'
end

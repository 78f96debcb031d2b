/// What a shell reads so that it can complete `martlet`. The scripts only ask the program what there is to offer, so
/// that they know whatever it knows, and a newer program needs no newer script.
enum CompletionScript: String, CaseIterable {
    case bash, zsh, fish

    var text: String {
        switch self {
        case .bash: Self.bashText
        case .zsh: Self.zshText
        case .fish: Self.fishText
        }
    }

    private static let bashText = #"""
        # Completes martlet in bash. For this shell, or in ~/.bashrc:
        #   source <(martlet completion bash)
        _martlet() {
            local current=${COMP_WORDS[COMP_CWORD]} word
            COMPREPLY=()
            while IFS=$'\t' read -r word _; do
                if [[ $word == ::folders ]]; then
                    [[ $current == = ]] && current=
                    mapfile -t COMPREPLY < <(compgen -d -- "$current")
                    compopt -o filenames
                    return
                fi
                # bash takes what stands after an = for a word of its own.
                [[ $current == --*=* ]] || word=${word#--*=}
                COMPREPLY+=("$word")
            done < <("$1" completion candidates -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -F _martlet martlet

        """#

    private static let zshText = #"""
        #compdef martlet
        # Completes martlet in zsh. In ~/.zshrc, after compinit:
        #   source <(martlet completion zsh)
        # or as the file _martlet in a folder of $fpath.
        _martlet() {
            local -a lines offered
            local line word about
            lines=("${(@f)$("${words[1]}" completion candidates -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            for line in "${(@)lines}"; do
                [[ -n $line ]] || continue
                if [[ $line == ::folders ]]; then
                    [[ $PREFIX == --*=* ]] && compset -P '--*='
                    _files -/
                    return
                fi
                word=${line%%$'\t'*}
                about=${line#*$'\t'}
                offered+=("${word//:/\\:}${${about:#$line}:+:$about}")
            done
            (( $#offered )) && _describe martlet offered
        }
        if [[ $funcstack[1] == _martlet ]]; then
            _martlet "$@"
        else
            compdef _martlet martlet
        fi

        """#

    private static let fishText = #"""
        # Completes martlet in fish. For this shell:
        #   martlet completion fish | source
        # or for all, in ~/.config/fish/completions/martlet.fish.
        function __martlet_candidates
            set -l words (commandline -opc)
            set -l program $words[1]
            set -e words[1]
            set -l current (commandline -ct)
            set -l found ($program completion candidates -- $words $current 2>/dev/null)
            if test "$found[1]" = ::folders
                set -l prefix (string match -r -- '^--[^=]*=' $current)
                for folder in (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' $current))
                    echo "$prefix$folder"
                end
            else
                printf '%s\n' $found
            end
        end
        complete -c martlet -f -a '(__martlet_candidates)'

        """#
}
